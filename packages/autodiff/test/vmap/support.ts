import { expect } from "vitest";
import { evaluateGraph, type HostTensor, hostTensor } from "../../src/host/index.ts";
import { at, isFloat, sizeOf } from "../../src/ir/shape.ts";
import type { Graph } from "../../src/ir/types.ts";

/** Examples side by side on a new axis 0. */
export const stack = (examples: readonly HostTensor[]): HostTensor => {
  const { shape, dtype } = at(examples, 0).type;
  const data = examples.flatMap((x) => Array.from(x.data));
  return hostTensor({ shape: [examples.length, ...shape], dtype }, data);
};

/** The examples of a stack. */
export const unstack = ({ type, data }: HostTensor): HostTensor[] => {
  const [count, ...shape] = type.shape as [number, ...number[]];
  const size = sizeOf(shape);
  return Array.from({ length: count }, (_, i) =>
    hostTensor({ shape, dtype: type.dtype }, data.slice(i * size, (i + 1) * size)),
  );
};

/** The oracle: a graph run once per example, batched inputs being stacks. */
export const evaluateEach = (
  graph: Graph,
  inputs: readonly HostTensor[],
  batched: readonly boolean[],
  size: number,
): HostTensor[][] => {
  const rows = inputs.map((x, i) => (batched[i] ? unstack(x) : Array(size).fill(x)));
  return Array.from({ length: size }, (_, n) =>
    evaluateGraph(
      graph,
      rows.map((row) => at(row as HostTensor[], n)),
    ),
  );
};

/** Every choice of some of `count` things, but not none. */
export const subsets = (count: number): boolean[][] =>
  Array.from({ length: 2 ** count - 1 }, (_, n) =>
    Array.from({ length: count }, (_, i) => ((n + 1) >> i) % 2 === 1),
  );

/** Which inputs of a graph are floats. */
export const floatInputs = (graph: Graph): boolean[] =>
  graph.inputs.map((v) => isFloat(v.type.dtype));

/**
 * Asserts equal types, integers and special numbers, and floats up to `tolerance` relative to the
 * larger of 1 and the reference.
 */
export const expectClose = (got: HostTensor, wanted: HostTensor, tolerance: number): void => {
  expect(got.type).toEqual(wanted.type);
  const agree = got.data.every((x, i) => {
    const y = wanted.data[i]!;
    if (!isFloat(got.type.dtype) || !Number.isFinite(y)) return Object.is(x + 0, y + 0);
    return Math.abs(x - y) <= tolerance * Math.max(1, Math.abs(y));
  });
  if (!agree) expect(got.data).toEqual(wanted.data);
};
