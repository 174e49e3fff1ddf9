import type { Builder } from "../../ir/builder.ts";
import type { Value } from "../../ir/types.ts";
import type { KernelCall } from "./kernel-call.ts";
import type { Family, Lowering } from "./lowering.ts";
import { float } from "./operands.ts";

/** Kernels that normalize over an axis or with given statistics. */
export type NormalizationKernel = "FusedBatchNorm" | "LRN" | "LRNGrad" | "LogSoftmax" | "Softmax";

const operand = (call: KernelCall, name: string): Value => float(call.b, call.input(name));

const batchNorm: Lowering = (call) => {
  const { b } = call;
  const x = operand(call, "x");
  const scale = call.optional("scale");
  const offset = call.optional("offset");
  const like = (v: Value): Value => b.broadcastTo(float(b, v), x.type.shape);
  const deviation = b.map(
    "rsqrt",
    b.shift(operand(call, "variance"), call.number("varianceEpsilon", 1e-3)),
  );
  const centered = b.mul(b.sub(x, like(call.input("mean"))), like(deviation));
  const scaled = scale === undefined ? centered : b.mul(centered, like(scale));
  return offset === undefined ? scaled : b.add(scaled, like(offset));
};

// The result does not depend on what is subtracted, so neither does its derivative.
const withoutMaximum = (b: Builder, x: Value, axis: number): Value => {
  const top = b.map("stop_gradient", b.reduce(x, "maximum", [axis]));
  return b.sub(x, b.unreduce(top, x.type.shape, [axis]));
};

const softmax: Lowering = (call) => {
  const { b } = call;
  const x = operand(call, "logits");
  const axis = call.axis("dim", x.type.shape.length, -1);
  const exponential = b.map("exponential", withoutMaximum(b, x, axis));
  return b.div(exponential, b.unreduce(b.reduce(exponential, "add", [axis]), x.type.shape, [axis]));
};

const logSoftmax: Lowering = (call) => {
  const { b } = call;
  const x = operand(call, "logits");
  const axis = call.axis("axis", x.type.shape.length, -1);
  const shifted = withoutMaximum(b, x, axis);
  const total = b.map("log", b.reduce(b.map("exponential", shifted), "add", [axis]));
  return b.sub(shifted, b.unreduce(total, x.type.shape, [axis]));
};

// Sum over the channels that lie at most `depthRadius` apart.
const overNeighbours = (call: KernelCall, x: Value): Value => {
  const radius = call.int("depthRadius", 5);
  const channels = x.type.shape.length - 1;
  const onChannels = <T>(value: T, rest: T): T[] =>
    x.type.shape.map((_, i) => (i === channels ? value : rest));
  return call.b.one("reduce_window", [x], {
    monoid: "add",
    dimensions: onChannels(2 * radius + 1, 1),
    strides: onChannels(1, 1),
    padding: onChannels<readonly [number, number]>([radius, radius], [0, 0]),
  });
};

const localNorm = (call: KernelCall, x: Value): Value => {
  const { b } = call;
  const squares = overNeighbours(call, b.mul(x, x));
  return b.shift(b.scale(squares, call.number("alpha", 1)), call.number("bias", 1));
};

const toBeta = (call: KernelCall, norm: Value): Value =>
  call.b.map("power", norm, call.b.fill(norm.type, -call.number("beta", 0.5)));

// y = x · norm^−β with norm = bias + α Σ x² over neighbours, differentiated in x.
const localResponseGradient: Lowering = (call) => {
  const { b } = call;
  const [x, y, dy] = [operand(call, "x"), operand(call, "y"), operand(call, "dy")];
  const norm = localNorm(call, x);
  const spread = overNeighbours(call, b.div(b.mul(dy, y), norm));
  const factor = -2 * call.number("alpha", 1) * call.number("beta", 0.5);
  return b.add(b.mul(dy, toBeta(call, norm)), b.scale(b.mul(x, spread), factor));
};

/** Lowerings of normalizations. */
export const normalization: Family<NormalizationKernel> = {
  FusedBatchNorm: batchNorm,
  LRN: (call) => {
    const x = operand(call, "x");
    return call.b.mul(x, toBeta(call, localNorm(call, x)));
  },
  LRNGrad: localResponseGradient,
  LogSoftmax: logSoftmax,
  Softmax: softmax,
};
