// Cases and random graphs of the IR, which are tests' support in autodiff and no part of its package.

// @boundaries-ignore shared test support
export {
  type AnyCase,
  allCases,
  caseGraph,
  sampleInputs,
} from "../../../autodiff/test/support/op-cases.ts";
// @boundaries-ignore shared test support
export { generator } from "../../../autodiff/test/support/random.ts";
// @boundaries-ignore shared test support
export { type RandomGraph, randomGraphs } from "../../../autodiff/test/support/random-graphs.ts";
