import type { Graph, Node, OpName, Value } from "@layerwise/autodiff";

/**
 * The arithmetic operations of a graph; a multiplication with its addition counts as two.
 *
 * Products and convolutions count their multiply-adds, elementwise operations (also costly ones such
 * as exp) and reductions one per element, moves, random bits and sorting nothing. A loop counts as
 * often as it runs; one whose end depends on values, once.
 */
export function flopsOf(graph: Graph): number {
  return graph.nodes.reduce((sum, node) => sum + nodeFlops(node), 0);
}

function nodeFlops(node: Node): number {
  const [output] = node.outputs;
  const [first, second] = node.inputs;
  if (output === undefined) return 0;
  if (node.op === "dot_general") {
    const summed = node.attrs.lhsContracting.map((axis) => first?.type.shape[axis] ?? 1);
    return 2 * size(output) * product(summed);
  }
  if (node.op === "convolution") {
    const { rhsSpatial, rhsInputFeature } = node.attrs.dims;
    const window = [...rhsSpatial, rhsInputFeature].map((axis) => second?.type.shape[axis] ?? 1);
    return 2 * size(output) * product(window);
  }
  if (node.op === "reduce_window" || node.op === "select_and_gather") {
    return size(output) * product(node.attrs.dimensions);
  }
  if (node.op === "call") return flopsOf(node.attrs.body);
  if (node.op === "scan") return node.attrs.length * flopsOf(node.attrs.body);
  if (node.op === "while") return flopsOf(node.attrs.condition) + flopsOf(node.attrs.body);
  if (node.op === "reduce" || node.op === "arg_reduce" || node.op === "cumulative") {
    return first === undefined ? 0 : size(first);
  }
  return free.has(node.op) ? 0 : size(output);
}

// What places values, names them anew or draws them.
const free: ReadonlySet<OpName> = /* @__PURE__ */ new Set<OpName>([
  "bitcast_convert",
  "broadcast_in_dim",
  "concatenate",
  "constant",
  "convert",
  "dynamic_slice",
  "dynamic_update_slice",
  "gather",
  "iota",
  "pad",
  "reshape",
  "reverse",
  "scatter",
  "select_and_scatter",
  "slice",
  "sort",
  "stop_gradient",
  "threefry2x32",
  "transpose",
]);

const product = (numbers: readonly number[]): number => numbers.reduce((a, b) => a * b, 1);
const size = (value: Value): number => product(value.type.shape);
