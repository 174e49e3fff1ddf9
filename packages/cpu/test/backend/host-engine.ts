import {
  evaluateGraph,
  type Graph,
  hostTensor,
  sizeOf,
  type TensorType,
  tfDType,
} from "@layerwise/autodiff/executor";
import type { ComputeEngine, Prepared } from "../../src/backend/engine.ts";
import { viewAt } from "../../src/backend/value-type.ts";
import { HostHeap } from "./host-heap.ts";

/** What an engine for tests has done. */
export interface EngineCounts {
  prepared: number;
  runs: number;
  nodes: number;
  largestGraph: number;
  takenOver: number;
}

/** An engine for tests with its heap in sight. */
export interface HostEngine extends ComputeEngine {
  readonly heap: HostHeap;
  readonly counts: EngineCounts;
}

const viewOf = (heap: HostHeap, { dtype, shape }: TensorType, address: number) =>
  viewAt(heap.memory.buffer, address, tfDType(dtype), sizeOf(shape));

const bytesOf = ({ dtype, shape }: TensorType): number =>
  sizeOf(shape) * (dtype === "bool" ? 1 : 4);

/** Evaluates graphs on the host, rounded to float32 after each operation. */
export const hostEngine = (): HostEngine => {
  const heap = new HostHeap();
  const counts: EngineCounts = { prepared: 0, runs: 0, nodes: 0, largestGraph: 0, takenOver: 0 };
  const prepare = (graph: Graph, donate: readonly number[]): Prepared => {
    counts.prepared++;
    counts.nodes += graph.nodes.length;
    counts.largestGraph = Math.max(counts.largestGraph, graph.nodes.length);
    const run = (inputs: readonly number[], owned: readonly boolean[]): number[] => {
      counts.runs++;
      const given = graph.inputs.map(({ type }, i) => {
        heap.check(inputs[i]!, bytesOf(type));
        return hostTensor(type, viewOf(heap, type, inputs[i]!));
      });
      const results = evaluateGraph(graph, given, { round: "f32" });
      const free = donate.filter((i) => owned[i]);
      return results.map(({ type, data }) => {
        const place = free.findIndex((i) => bytesOf(graph.inputs[i]!.type) === bytesOf(type));
        const [taken] = place < 0 ? [] : free.splice(place, 1);
        if (taken !== undefined) counts.takenOver++;
        const address = taken === undefined ? heap.allocate(bytesOf(type)) : inputs[taken]!;
        viewOf(heap, type, address).set(data);
        return address;
      });
    };
    return { run, dispose: () => {} };
  };
  return {
    heap,
    counts,
    memory: heap.memory,
    allocate: (bytes) => heap.allocate(bytes),
    free: (address) => heap.free(address),
    prepare,
  };
};
