import { Builder, type Graph, sizeOf } from "@layerwise/autodiff/executor";
// @boundaries-ignore measures what the package does not export
import type { Prepared } from "../../packages/cpu/src/backend/engine.ts";
// @boundaries-ignore measures what the package does not export
import type { Engine } from "../../packages/cpu/src/engine/engine.ts";
// @boundaries-ignore measures what the package does not export
import { inlineAll } from "../../packages/cpu/src/plan/inline.ts";
import { median } from "./statistics.ts";

const BUDGET_MS = 400;
const MOST_STEPS = 2000;

/** Only the products of a graph, each with operands of its own. */
export function productsOf(graph: Graph): Graph {
  const b = new Builder();
  const outputs = inlineAll(graph).nodes.flatMap((node) => {
    if (node.op !== "dot_general" && node.op !== "convolution") return [];
    const [x, y] = node.inputs.map(({ type }) => b.input(type)) as [never, never];
    return node.op === "convolution" ? b.conv(x, y, node.attrs) : b.dot(x, y, node.attrs);
  });
  return b.finish(outputs);
}

/** Small numbers for the inputs of a graph. */
export const smallInputs = ({ inputs }: Graph): Float32Array[] =>
  inputs.map(({ type }) =>
    Float32Array.from({ length: sizeOf(type.shape) }, () => 0.1 * (Math.random() - 0.5)),
  );

/**
 * Milliseconds of a run of a graph, without tfjs around it: the median of the later half of some. What the graph gives
 * first takes the place of the donated inputs in the next run.
 */
export function stepTime(
  engine: Engine,
  prepared: Prepared,
  values: readonly ArrayBufferView[],
  donate: readonly number[] = [],
): number {
  let inputs = values.map(({ buffer, byteOffset, byteLength }) => {
    const address = engine.allocate(byteLength);
    engine.heap.u8(address, byteLength).set(new Uint8Array(buffer, byteOffset, byteLength));
    return address;
  });
  const owned = inputs.map((_, i) => donate.includes(i));
  const times: number[] = [];
  const end = performance.now() + BUDGET_MS;
  while (times.length < MOST_STEPS && (times.length < 4 || performance.now() < end)) {
    const start = performance.now();
    const outputs = prepared.run(inputs, owned);
    times.push(performance.now() - start);
    const next = inputs.map((address, i) => (owned[i] ? (outputs[i] as number) : address));
    const kept = new Set(next);
    for (const address of new Set([...inputs, ...outputs])) {
      if (!kept.has(address)) engine.free(address);
    }
    inputs = next;
  }
  for (const address of inputs) engine.free(address);
  return median(times.slice(times.length / 2));
}
