export { jvpGraph, jvpInto } from "./jvp.ts";
export { jointRules, jvpRules } from "./jvp-rules/index.ts";
export { expandLinearCalls } from "./linear-call.ts";
export { type Linearized, linearizeGraph } from "./linearize.ts";
export { transposeGraph, transposeInto } from "./transpose.ts";
export { transposeRules } from "./transpose-rules/index.ts";
export type { Dual, JvpMode, Tangent } from "./types.ts";
export { type Pullback, vjpGraph, vjpInto } from "./vjp.ts";
