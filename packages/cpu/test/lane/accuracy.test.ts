// Oracle: `Math` in double precision (the host's own series for erf), on a sample of all floats.
import { describe, expect, it } from "vitest";
import { features } from "../../src/wasm/features.ts";
import { BOUNDS, type Bounded, expected, relativeError } from "./accuracy.ts";
import { applyLanes, fromBits } from "./support.ts";

const around = (bits: number): number[] => {
  const near = Array.from({ length: 81 }, (_, i) => bits + i - 40);
  return near.filter((b) => b >= 0).flatMap((b) => [b >>> 0, (b | 0x80000000) >>> 0]);
};
const bitsOf = (x: number): number => new Uint32Array(Float32Array.of(x).buffer)[0] as number;

const sample = (): Float32Array => {
  const bits: number[] = [];
  for (let b = 0; b < 2 ** 32; b += 40009) bits.push(b);
  const points = [
    0,
    2 ** -126,
    2 ** -24,
    0.25,
    0.35,
    0.5,
    Math.SQRT1_2,
    1,
    Math.SQRT2,
    2,
    4,
    5,
    9,
    10,
    17,
    18,
    2 ** 20,
    2 ** 24,
    87.33654,
    88.02969,
    88.72284,
    103.27893,
    103.97208,
    2 ** 127,
    3.4028235e38,
    // The floats closest to multiples of π/2, relative to their size (Payne and Hanek's worst).
    1.5958803e28,
    16367173 * 2 ** 72,
  ];
  for (const x of points) bits.push(...around(bitsOf(x)));
  for (let k = 1; k < 700000; k = Math.ceil(k * 1.07))
    bits.push(...around(bitsOf((k * Math.PI) / 2)).slice(70, 92));
  bits.push(0x7f800000, 0xff800000, 0x7fc00000, 0x7f800001, 0xffffffff);
  return Float32Array.from(bits, fromBits);
};

describe("relative error over all floats", () => {
  const x = sample();
  for (const op of Object.keys(BOUNDS) as Bounded[]) {
    for (const fma of features().fma ? [true, false] : [false]) {
      it(`${op}${fma ? "" : " without multiply-add"}`, () => {
        const [y] = applyLanes(op, {}, [{ dtype: "f32", data: x }], fma);
        const wanted = expected(op, x);
        let [worst, where] = [0, 0];
        for (let i = 0; i < x.length; i++) {
          const error = relativeError(y![i]!, wanted[i]!);
          if (error > worst) [worst, where] = [error, x[i]!];
        }
        expect(worst, `at ${where}`).toBeLessThanOrEqual(BOUNDS[op]);
      });
    }
  }
});
