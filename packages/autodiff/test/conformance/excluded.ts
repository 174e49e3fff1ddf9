import type { Mode } from "./modes.ts";

type Reasons = Readonly<Record<string, string>>;

/** The same reason for several specs. */
const because = (reason: string, ...specs: readonly string[]): Reasons =>
  Object.fromEntries(specs.map((spec) => [spec, reason]));

const NAN =
  "deliberate: a maximum over NaN is NaN, and its position that of the NaN, as in IEEE 754-2019 and " +
  "StableHLO; tfjs's pooling and argMax pass over NaN";

const lowered: Reasons = {
  ...because(
    "deliberate: more equations are supported than tfjs has",
    "einsum 2d matrix calculate trace: duplicate axes not implemented yet",
    "einsum more than two input tensors throws error",
  ),
  ...because(
    "deliberate: throws too, with a message that names the equation",
    "einsum incorrect equation throws error",
    "einsum nonexistent dimension throws error",
    "einsum two arrows in equation throws error",
  ),
  ...because(
    "deliberate: a graph cannot throw for what data hold; indices out of range are clamped",
    "gather throws when index is out of bound",
  ),
  ...because(
    NAN,
    "maxPool3d x=[1,3,3,3,1] f=[2,2,2] s=1 p=valid, ignores NaNs",
    "maxPoolWithArgmax [x=[1,3,3,1] f=[2,2] s=1 ignores NaNs",
  ),
  ...because(
    "bug of tfjs: a window of one element copies its input whatever the stride and padding",
    "pool avg x=[2,2,3] f=[1,1] s=2 p=1 fractional outputs default rounding",
    "pool max x=[2,2,3] f=[1,1] s=2 p=1 fractional outputs default rounding",
  ),
};

// The interpreter runs tfjs's own kernels for these, which pass over NaN.
const host: Reasons = because(
  NAN,
  "argmax ignores NaNs",
  "argmin ignores NaNs",
  "argmin 3D, ignores NaNs",
  "maxPool [x=[3,3,1] f=[2,2] s=1 ignores NaNs",
);

const gradients: Reasons = {
  ...because(
    "deliberate: integers and bools have no tangent, and asking for a gradient by one alone throws",
    "gradients does not error if irrelevant (pruned) ops are missing grads",
    "gradients works with asType",
    "div gradient: Tensor1D with int32",
    "div gradient: 1d<int32> with 1d<bool> ",
    "mul gradient: Tensor1D with dtype int32",
    "pow gradients: Scalar ^ Scalar",
    "pow gradient with clones",
    "pow gradients: Tensor ^ Tensor",
    "pow gradient wrt exponent with negative base",
    "clone gradient: 2D int32",
    "clone gradient: 4D bool",
    "oneHot has gradient",
    "oneHot gradient with clones",
    "oneHot gradient when indices is 3d",
    "where 1D gradient",
    "where gradient with clones",
    "where 2D gradient",
    "where 3D gradient",
    "where 4D gradient",
  ),
  ...because(
    "deliberate: operands that tie share the gradient; tfjs gives it all to the first",
    "maximum gradients: Tensor1D",
    "maximum gradients: Tensor2D",
    "minimum gradients: Tensor1D",
    "minimum gradients: Tensor2D",
  ),
  ...because(
    "deliberate: elements that tie share the gradient; tfjs gives all of it to each of them",
    "max max gradient: 1D, ties",
    "max max gradient: ties, 2D, axes=-1, keepDims=false",
    "max max gradient: ties, 3D, axes=[1, 2], keepDims=false",
    "max max gradient: ties, 4D, axes=[1, 2, 3], keepDims=false",
    "max max gradient: ties, 4D, axes=[2, 3], keepDims=true",
    "min min gradient: 1D, ties",
    "min min gradient: ties, 2D, axes=-1, keepDims=false",
    "min min gradient: ties, 3D, axes=[1, 2], keepDims=false",
    "min min gradient: ties, 4D, axes=[1, 2, 3], keepDims=false",
    "min min gradient: ties, 4D, axes=[2, 3], keepDims=true",
  ),
  ...because(
    "bug of tfjs: its gradient forgets the elements in the mirror image",
    "mirrorPad grad",
    "mirrorPad gradient with clones",
  ),
  ...because(
    "bug of tfjs: its gradient divides by the whole window where the mean is over less at the edge",
    "avgPool gradient x=[3,3,1] f=[3,3] s=1 p=explicit",
  ),
  ...because(
    "deliberate: convolutions with dilation are differentiable",
    "depthwiseConv2d gradients throws error on dilations > 1",
  ),
  ...because(
    "a kernel that the spec registers itself cannot be traced",
    "gradient registry register a kernel with gradient and call it",
    "gradient registry register a kernel with gradient that specifies outputsToSave and call it",
    "gradient registry register a kernel with array inputs and saveAllInputs true",
    "gradient registry register a kernel with map inputs and saveAllInputs true should throw error",
    "gradient registry errors when running non-existent gradient",
  ),
  ...because("the IR has no strings", "clone gradient: 1D string works with float32 dy"),
};

/**
 * Specs of tfjs-core that fail, by mode and full name, with the reason. They run all the same: one
 * that passes must leave this list.
 */
export const excluded: { readonly [K in Mode]: Reasons } = {
  cpu: {},
  eager: lowered,
  lazy: lowered,
  host: { ...lowered, ...host },
  gradients,
};
