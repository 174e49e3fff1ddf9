// Checks an operation on all floats: node --conditions=@layerwise/source exhaustive.ts exponential [fma|plain]
import { BOUNDS, type Bounded, expected, relativeError } from "./accuracy.ts";
import { applyLanes } from "./support.ts";

const SHORT: Readonly<Record<string, Bounded>> = {
  exp: "exponential",
  expm1: "exponential_minus_one",
  log1p: "log_plus_one",
  sin: "sine",
  cos: "cosine",
};
const BATCH = 2 ** 20;

const [name = "exp", mode = "fma", stride = "1"] = process.argv.slice(2);
const op = SHORT[name] ?? (name as Bounded);
const step = Number(stride);
const bits = new Uint32Array(BATCH);
const x = new Float32Array(bits.buffer);
let worst = { error: -1, x: 0, actual: 0, wanted: 0 };
for (let start = 0; start < 2 ** 32; start += BATCH * step) {
  for (let i = 0; i < BATCH; i++) bits[i] = start + i * step;
  const [y] = applyLanes(op, {}, [{ dtype: "f32", data: x }], mode === "fma");
  const wanted = expected(op, x);
  for (let i = 0; i < BATCH; i++) {
    // Most are closer than the worst one so far.
    const close = Math.abs(y![i]! - wanted[i]!) < worst.error * Math.abs(wanted[i]!);
    if (close) continue;
    const error = relativeError(y![i]!, wanted[i]!);
    if (error > worst.error) worst = { error, x: x[i]!, actual: y![i]!, wanted: wanted[i]! };
  }
}
process.stdout.write(`${op} ${mode} (bound ${BOUNDS[op]}): ${JSON.stringify(worst)}\n`);
