import type { Graph } from "@layerwise/autodiff/executor";
import type { ComputeEngine, Prepared } from "../../src/backend/engine.ts";
import { Engine } from "../../src/engine/engine.ts";
import type { Stats } from "./task.ts";

/** The engine under test, and what it has done. The one place that chooses it. */
export const engineUnderTest = (): {
  readonly engine: ComputeEngine;
  readonly stats: () => Omit<Stats, "gradients">;
} => {
  const engine = new Engine({ threads: 2 });
  const counts = { prepared: 0, runs: 0, nodes: 0, largestGraph: 0, takenOver: 0 };
  const regions = new Set<number>();
  const allocate = (bytes: number): number => {
    const address = engine.allocate(bytes);
    regions.add(address);
    return address;
  };
  const free = (address: number): void => {
    regions.delete(address);
    engine.free(address);
  };
  const prepare = (graph: Graph, donate: readonly number[]): Prepared => {
    counts.prepared++;
    counts.nodes += graph.nodes.length;
    counts.largestGraph = Math.max(counts.largestGraph, graph.nodes.length);
    const prepared = engine.prepare(graph, donate);
    return {
      dispose: () => prepared.dispose(),
      run: (inputs, owned) => {
        counts.runs++;
        const outputs = prepared.run(inputs, owned);
        for (const address of outputs) {
          if (inputs.includes(address)) counts.takenOver++;
          regions.add(address);
        }
        return outputs;
      },
    };
  };
  return {
    engine: {
      get memory() {
        return engine.memory;
      },
      allocate,
      free,
      prepare,
    },
    stats: () => ({ ...counts, regions: regions.size }),
  };
};
