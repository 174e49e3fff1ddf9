// The functions that `activation` knows by name. Only activation.ts may import this file: who imports
// one function must not get them all.
export { crelu } from "./crelu.ts";
export { bentIdentity, exponential, gaussian, identity, sine, snake } from "./curves.ts";
export { celu, elu, selu } from "./exponential-linear.ts";
export { geglu, glu, reglu, swiglu } from "./gated.ts";
export { gelu, geluTanh, quickGelu } from "./gelus.ts";
export { leakyRelu, leakyReluKeras, relu, relu6, reluSquared, threshold } from "./rectifiers.ts";
export { hardShrink, softShrink } from "./shrinkages.ts";
export { hardSigmoid, hardSigmoidKeras2, logSigmoid, sigmoid } from "./sigmoids.ts";
export { logSoftmax, softmax, softmin, sparsemax } from "./softmaxes.ts";
export { logCosh, softplus, squareplus } from "./softplus.ts";
export { binaryStep } from "./straight-through.ts";
export { hardSwish, mish, silu, swish } from "./swishes.ts";
export { hardTanh, lecunTanh, softsign, tanh, tanhShrink } from "./tanhs.ts";
export { maxout } from "./winners.ts";
