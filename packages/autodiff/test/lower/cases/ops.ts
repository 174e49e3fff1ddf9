import * as tf from "@tensorflow/tfjs-core";
import { bool, distinct, f, i, type Operand, of } from "../case.ts";

/** A function of public tfjs ops and the operands to try it on. */
export interface OpCase {
  readonly name: string;
  readonly fn: (...xs: tf.Tensor[]) => tf.Tensor | tf.Tensor[];
  readonly operands: readonly Operand[];
}

const op = (name: string, fn: unknown, ...operands: readonly Operand[]): OpCase => ({
  name,
  fn: fn as OpCase["fn"],
  operands,
});

/** Ops on integers and bools, ops without a derivative, and ops whose derivative tfjs does not know. */
export const plain: readonly OpCase[] = [
  op("maximum that broadcasts", tf.maximum, f([3, 4]), f([4])),
  op("minimum that broadcasts", tf.minimum, f([3, 1]), f([4])),
  op("squaredDifference that broadcasts", tf.squaredDifference, f([3, 4]), f([4])),
  op("equal", tf.equal, i([3, 1]), i([4])),
  op("logicalAnd", tf.logicalAnd, bool([4]), bool([4])),
  op("logicalXor", tf.logicalXor, bool([8]), bool([8])),
  op("argMax", (x: tf.Tensor) => tf.argMax(x, 1), distinct([3, 4])),
  op("argMin", (x: tf.Tensor) => tf.argMin(x, 0), distinct([3, 4])),
  op("all", (x: tf.Tensor) => tf.all(x, 1), bool([3, 4])),
  op("any", (x: tf.Tensor) => tf.any(x, [0], true), bool([3, 4])),
  op("mean of integers", (x: tf.Tensor) => tf.mean(x), i([3, 4])),
  op("sum of bools", (x: tf.Tensor) => tf.sum(x, 0), bool([3, 4])),
  op("div of integers", tf.div, i([3, 4]), of([2, 3, -4, 5], "int32")),
  op("add of an integer and a float", tf.add, i([3]), f([3])),
  op("topk", (x: tf.Tensor) => Object.values(tf.topk(x, 2)), distinct([3, 5])),
  op("bincount", (x: tf.Tensor1D) => tf.bincount(x, tf.tensor1d([]), 5), i([9], 0, 5)),
  op("oneHot", (x: tf.Tensor1D) => tf.oneHot(x, 4), i([5], 0, 4)),
  op("eye", () => tf.eye(3)),
  op("linspace", () => tf.linspace(0, 1, 5)),
  op("ones, zeros, fill", () => [tf.ones([2]), tf.zeros([2, 2], "int32"), tf.fill([3], 2.5)]),
  op("stridedSlice", (x: tf.Tensor) => tf.stridedSlice(x, [1, 0], [3, 4], [1, 1], 0, 0), f([4, 5])),
  op(
    "einsum",
    (x: tf.Tensor, y: tf.Tensor) => tf.einsum("bij,bjk->bki", x, y),
    f([2, 3, 4]),
    f([2, 4, 2]),
  ),
  op(
    "gatherND",
    (x: tf.Tensor, n: tf.Tensor) => tf.gatherND(x, n),
    f([4, 3]),
    of([3, 0, 1, 2], "int32", [2, 2]),
  ),
  op(
    "scatterND",
    (n: tf.Tensor, x: tf.Tensor) => tf.scatterND(n, x, [5]),
    of([4, 0, 4], "int32", [3, 1]),
    f([3]),
  ),
  op("bandPart", (x: tf.Tensor2D) => tf.linalg.bandPart(x, 1, 0), f([4, 4])),
  op(
    "where with a condition",
    (c: tf.Tensor1D, x: tf.Tensor) => tf.where(c, x, tf.zerosLike(x)),
    bool([3]),
    f([3]),
  ),
  op("moments", (x: tf.Tensor) => Object.values(tf.moments(x, [0])), f([4, 3])),
  op("norm", (x: tf.Tensor) => tf.norm(x, 2, 1), f([4, 3])),
  op("searchSorted", tf.searchSorted, of([1, 3, 5, 7]), of([0, 3, 8, 4])),
  op(
    "image.cropAndResize",
    (x: tf.Tensor4D) => tf.image.cropAndResize(x, [[0.1, 0.2, 0.8, 0.9]], [0], [3, 3]),
    f([1, 5, 6, 2]),
  ),
  op("image.flipLeftRight", tf.image.flipLeftRight, f([1, 2, 3, 1])),
  op("image.rgbToGrayscale", tf.image.rgbToGrayscale, f([2, 2, 3])),
  op(
    "fused.matMul",
    (a: tf.Tensor, b: tf.Tensor, bias: tf.Tensor) =>
      tf.fused.matMul({ a, b, bias, activation: "relu" }),
    f([3, 4]),
    f([4, 2]),
    f([2]),
  ),
  op(
    "conv2dTranspose",
    (x: tf.Tensor4D, w: tf.Tensor4D) => tf.conv2dTranspose(x, w, [1, 6, 6, 2], 2, "same"),
    f([1, 3, 3, 3]),
    f([3, 3, 2, 3]),
  ),
  op(
    "separableConv2d",
    (x: tf.Tensor4D, d: tf.Tensor4D, p: tf.Tensor4D) => tf.separableConv2d(x, d, p, 1, "same"),
    f([1, 4, 4, 2]),
    f([3, 3, 2, 2]),
    f([1, 1, 4, 3]),
  ),
  op(
    "basicLSTMCell",
    (w: tf.Tensor2D, bias: tf.Tensor1D, x: tf.Tensor2D, c: tf.Tensor2D, h: tf.Tensor2D) =>
      tf.basicLSTMCell(tf.scalar(1), w, bias, x, c, h),
    f([5, 8]),
    f([8]),
    f([2, 3]),
    f([2, 2]),
    f([2, 2]),
  ),
];

const unary = {
  abs: [-3, 3],
  acos: [-0.9, 0.9],
  acosh: [1.1, 4],
  asin: [-0.9, 0.9],
  asinh: [-3, 3],
  atan: [-3, 3],
  atanh: [-0.9, 0.9],
  ceil: [-3, 3],
  cos: [-3, 3],
  cosh: [-2, 2],
  elu: [-3, 3],
  erf: [-2, 2],
  exp: [-2, 2],
  expm1: [-2, 2],
  floor: [-3, 3],
  log: [0.2, 3],
  log1p: [-0.5, 3],
  logSigmoid: [-4, 4],
  neg: [-2, 2],
  reciprocal: [0.3, 2],
  relu: [-2, 2],
  relu6: [-3, 9],
  round: [-3, 3],
  rsqrt: [0.2, 3],
  selu: [-3, 3],
  sigmoid: [-4, 4],
  sign: [-2, 2],
  sin: [-3, 3],
  sinh: [-2, 2],
  softplus: [-4, 4],
  sqrt: [0.2, 3],
  square: [-2, 2],
  step: [-2, 2],
  tan: [-1, 1],
  tanh: [-2, 2],
  leakyRelu: [-2, 2],
  softmax: [-3, 3],
  logSoftmax: [-3, 3],
} as const;

// Where the function has a kink or tfjs makes a choice.
const corners = {
  elu: [0, -0, 200],
  relu: [0, -0],
  relu6: [0, 6, 200],
  selu: [0, 200, -200],
  leakyRelu: [0],
  softplus: [0, 50, -50],
  sigmoid: [50, -50],
  sign: [0],
  logSigmoid: [0, 60, -60],
  tanh: [0, 40],
  softmax: [0, 0, 500],
  logSoftmax: [0, 500, -500],
} as const;

type Unary = (x: tf.Tensor) => tf.Tensor;
const named = (name: string): Unary => (tf as unknown as Record<string, Unary>)[name]!;

/** Ops whose first derivative tfjs's tape gives as well. */
export const differentiable: readonly OpCase[] = [
  ...Object.entries(unary).map(([name, [low, high]]) =>
    op(name, (x: tf.Tensor) => named(name)(x), f([3, 4], low, high)),
  ),
  ...Object.entries(corners).map(([name, values]) =>
    op(`${name} at its corners`, (x: tf.Tensor) => named(name)(x), of(values)),
  ),
  op("add", tf.add, f([3, 1]), f([4])),
  op("sub", tf.sub, f([3, 1]), f([1, 4])),
  op("mul", tf.mul, f([2, 3, 1]), f([3, 4])),
  op("div", tf.div, f([3, 4]), f([4], 0.5, 2)),
  op("pow", tf.pow, f([3, 4], 0.2, 2), f([4])),
  op("mod", tf.mod, f([3, 4], -5, 5), f([4], 1, 2)),
  op("maximum", tf.maximum, f([3, 4]), f([3, 4])),
  op("minimum", tf.minimum, f([3, 4]), f([3, 4])),
  op("squaredDifference", tf.squaredDifference, f([3, 4]), f([3, 4])),
  op("atan2", tf.atan2, f([3, 4]), f([4], 0.5, 2)),
  op("prelu", tf.prelu, f([3, 4]), f([4])),
  op("prelu at its corner", tf.prelu, of([0, 0]), of([0.5, 2])),
  op("clipByValue", (x: tf.Tensor) => tf.clipByValue(x, -1, 1), f([3, 4])),
  op("clipByValue at its limits", (x: tf.Tensor) => tf.clipByValue(x, -1, 1), of([-1, 1, 0])),
  op(
    "where",
    (x: tf.Tensor, y: tf.Tensor) => tf.where(tf.tensor1d([1, 0, 1], "bool"), x, y),
    f([3]),
    f([3]),
  ),
  op("addN", (x: tf.Tensor, y: tf.Tensor) => tf.addN([x, y, x]), f([3]), f([3])),
  op("sum", (x: tf.Tensor) => tf.sum(x, [0, 2], true), f([2, 3, 4])),
  op("mean", (x: tf.Tensor) => tf.mean(x, 1), f([2, 3, 4])),
  op("max", (x: tf.Tensor) => tf.max(x, -1), distinct([3, 4])),
  op("min", (x: tf.Tensor) => tf.min(x, 0), distinct([3, 4])),
  op("logSumExp", (x: tf.Tensor) => tf.logSumExp(x, 1), f([3, 4])),
  op("cumsum", (x: tf.Tensor) => tf.cumsum(x, 1, true, true), f([3, 4])),
  op("matMul", tf.matMul, f([3, 4]), f([4, 2])),
  op(
    "matMul, both transposed",
    (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, b, true, true),
    f([4, 3]),
    f([2, 4]),
  ),
  op("matMul of batches", tf.matMul, f([2, 3, 4]), f([2, 4, 2])),
  op("dot", tf.dot, f([4]), f([4])),
  op("outerProduct", tf.outerProduct, f([3]), f([2])),
  op("reshape", (x: tf.Tensor) => tf.reshape(x, [6, -1]), f([3, 4])),
  op("transpose", (x: tf.Tensor) => tf.transpose(x, [2, 0, 1]), f([2, 3, 4])),
  op("reverse", (x: tf.Tensor) => tf.reverse(x, [0]), f([3, 2])),
  op("expandDims and squeeze", (x: tf.Tensor) => tf.squeeze(tf.expandDims(x, 1)), f([3, 2])),
  op("slice", (x: tf.Tensor) => tf.slice(x, [1, 0], [2, -1]), f([4, 3])),
  op("split", (x: tf.Tensor) => tf.split(x, [1, 3], 1), f([2, 4])),
  op("unstack", (x: tf.Tensor) => tf.unstack(x, 1), f([2, 3])),
  op("stack", (x: tf.Tensor, y: tf.Tensor) => tf.stack([x, y], 1), f([2, 3]), f([2, 3])),
  op("concat", (x: tf.Tensor, y: tf.Tensor) => tf.concat([x, y], 1), f([2, 3]), f([2, 1])),
  op("tile", (x: tf.Tensor) => tf.tile(x, [2, 3]), f([2, 3])),
  op("broadcastTo", (x: tf.Tensor) => tf.broadcastTo(x, [4, 2, 3]), f([2, 1])),
  op(
    "pad",
    (x: tf.Tensor) =>
      tf.pad(
        x,
        [
          [1, 0],
          [0, 2],
        ],
        3,
      ),
    f([2, 3]),
  ),
  op("gather", (x: tf.Tensor) => tf.gather(x, tf.tensor1d([3, 0, 3], "int32")), f([4, 3])),
  op(
    "spaceToBatchND",
    (x: tf.Tensor) =>
      tf.spaceToBatchND(
        x,
        [2, 2],
        [
          [0, 0],
          [2, 0],
        ],
      ),
    f([1, 4, 4, 2]),
  ),
  op(
    "batchToSpaceND",
    (x: tf.Tensor) =>
      tf.batchToSpaceND(
        x,
        [2, 2],
        [
          [0, 0],
          [1, 0],
        ],
      ),
    f([4, 2, 2, 2]),
  ),
  op(
    "conv1d",
    (x: tf.Tensor3D, w: tf.Tensor3D) => tf.conv1d(x, w, 1, "same"),
    f([2, 6, 2]),
    f([3, 2, 3]),
  ),
  op(
    "conv2d",
    (x: tf.Tensor4D, w: tf.Tensor4D) => tf.conv2d(x, w, 2, "same"),
    f([1, 5, 6, 2]),
    f([3, 3, 2, 3]),
  ),
  op(
    "depthwiseConv2d",
    (x: tf.Tensor4D, w: tf.Tensor4D) => tf.depthwiseConv2d(x, w, 1, "valid"),
    f([1, 5, 5, 2]),
    f([3, 2, 2, 2]),
  ),
  op(
    "conv3d",
    (x: tf.Tensor5D, w: tf.Tensor5D) => tf.conv3d(x, w, 1, "same"),
    f([1, 3, 4, 3, 2]),
    f([2, 2, 2, 2, 2]),
  ),
  op("maxPool", (x: tf.Tensor4D) => tf.maxPool(x, 2, 2, "same"), distinct([1, 5, 5, 2])),
  op("avgPool", (x: tf.Tensor4D) => tf.avgPool(x, 2, 2, "valid"), f([1, 5, 5, 2])),
  op("maxPool3d", (x: tf.Tensor5D) => tf.maxPool3d(x, 2, 2, "valid"), distinct([1, 4, 4, 4, 1])),
  op("avgPool3d", (x: tf.Tensor5D) => tf.avgPool3d(x, 2, 1, "valid"), f([1, 3, 4, 3, 1])),
  op(
    "localResponseNormalization",
    (x: tf.Tensor4D) => tf.localResponseNormalization(x, 1, 1, 0.5, 0.6),
    f([1, 2, 2, 4]),
  ),
  op(
    "resizeNearestNeighbor",
    (x: tf.Tensor4D) => tf.image.resizeNearestNeighbor(x, [6, 4]),
    f([1, 3, 2, 2]),
  ),
  op("resizeBilinear", (x: tf.Tensor4D) => tf.image.resizeBilinear(x, [5, 5]), f([1, 3, 3, 2])),
  op(
    "dilation2d",
    (x: tf.Tensor4D, w: tf.Tensor3D) => tf.dilation2d(x, w, 1, "same"),
    distinct([1, 4, 4, 2]),
    f([2, 2, 2], -0.05, 0.05),
  ),
  op(
    "batchNorm",
    (x: tf.Tensor4D, m: tf.Tensor1D, v: tf.Tensor1D, o: tf.Tensor1D, s: tf.Tensor1D) =>
      tf.batchNorm(x, m, v, o, s, 0.01),
    f([2, 2, 2, 3]),
    f([3]),
    f([3], 0.2, 1),
    f([3]),
    f([3]),
  ),
  op(
    "losses.softmaxCrossEntropy",
    (y: tf.Tensor) =>
      tf.losses.softmaxCrossEntropy(
        tf.tensor2d([
          [0, 1, 0],
          [1, 0, 0],
        ]),
        y,
      ),
    f([2, 3]),
  ),
  op(
    "losses.sigmoidCrossEntropy",
    (y: tf.Tensor) =>
      tf.losses.sigmoidCrossEntropy(
        tf.tensor2d([
          [0, 1],
          [1, 0],
        ]),
        y,
      ),
    f([2, 2]),
  ),
  op("losses.huberLoss", (y: tf.Tensor) => tf.losses.huberLoss(tf.zeros([2, 2]), y), f([2, 2])),
];
