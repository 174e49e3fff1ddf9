// Runs the kernels of one operation and compares them with the host's evaluation in float64.
import {
  Builder,
  evaluateNode,
  type HostTensor,
  hostTensor,
  type NodeOf,
  type OpAttrs,
  type OpName,
  sizeOf,
  type TensorType,
  type Value,
} from "@layerwise/autodiff/executor";
import { expect } from "vitest";
import type { Allocator, Buffer, Kernel } from "../../src/kernel/kernel.ts";
import { generator } from "../support/autodiff.ts";
import { runKernels } from "../support/run-kernels.ts";

/** Makes the kernels of a node. */
export type Lower<K extends OpName> = (node: NodeOf<K>, allocator: Allocator) => readonly Kernel[];

/** Results of the kernels. With `inPlace` the first result has the memory of the first operand. */
export const runNode = <K extends OpName>(
  op: K,
  lower: Lower<K>,
  inputs: readonly HostTensor[],
  attrs: OpAttrs[K],
  inPlace = false,
): { readonly outputs: ArrayLike<number>[]; readonly kernels: readonly Kernel[] } => {
  const builder = new Builder();
  const values = inputs.map(({ type }) => builder.input(type));
  const results = builder.emit(op, values, attrs);
  const node = builder.nodes[0] as unknown as NodeOf<K>;
  const buffers = new Map<Value, Buffer>();
  const create = ({ dtype, shape }: TensorType): Buffer => ({ dtype, size: sizeOf(shape) });
  for (const value of [...values, ...results]) buffers.set(value, create(value.type));
  if (inPlace) buffers.set(results[0]!, buffers.get(values[0]!)!);
  const allocator: Allocator = {
    bufferOf: (value) => buffers.get(value)!,
    temporary: (dtype, size) => ({ dtype, size }),
  };
  const kernels = lower(node, allocator);
  const given = new Map(values.map((value, i) => [buffers.get(value)!, inputs[i]!.data]));
  const read = results.map((value) => buffers.get(value)!);
  return { outputs: runKernels(kernels, given, read), kernels };
};

/** Whether results agree: exactly, or for floats within `tolerance` · (1 + |expected|). */
export const expectClose = (
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
): void => {
  const [got, want] = [Array.from(actual), Array.from(expected)];
  expect(got.length).toBe(want.length);
  const wrong = got.findIndex((x, i) => {
    const y = want[i]!;
    // What is only moved keeps the sign of zeros.
    if (Object.is(x, y) || (tolerance > 0 && x === y)) return false;
    return tolerance === 0 || !(Math.abs(x - y) <= tolerance * (1 + Math.abs(y)));
  });
  if (wrong >= 0) {
    expect({ at: wrong, value: got[wrong] }).toEqual({ at: wrong, value: want[wrong] });
  }
};

/** Compares the kernels of an operation with the host. */
export const expectLikeHost = <K extends OpName>(
  op: K,
  lower: Lower<K>,
  inputs: readonly HostTensor[],
  attrs: OpAttrs[K],
  options: { readonly tolerance?: number; readonly inPlace?: boolean } = {},
): readonly Kernel[] => {
  const { outputs, kernels } = runNode(op, lower, inputs, attrs, options.inPlace);
  const expected = evaluateNode(op, inputs, attrs);
  expected.forEach(({ type, data }, i) => {
    const float = type.dtype === "f32";
    expectClose(
      outputs[i]!,
      float ? Float32Array.from(data) : data,
      float ? (options.tolerance ?? 0) : 0,
    );
  });
  for (const { chunks, cost } of kernels) {
    expect(chunks).toBeGreaterThanOrEqual(1);
    expect(cost).toBeGreaterThanOrEqual(0);
  }
  return kernels;
};

const SPECIAL = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0];

/** How elements are drawn: `few` different ones make ties; `special` has NaN and infinities. */
export type Draw = "any" | "few" | "special";

/** A tensor of random elements. */
export const randomTensor = (type: TensorType, seed: string | number, draw: Draw): HostTensor => {
  const random = generator(`${seed}`);
  const { dtype } = type;
  const one = (): number => {
    const r = random();
    if (dtype === "bool") return r < 0.5 ? 0 : 1;
    if (draw === "special" && dtype === "f32" && random() < 0.3) {
      return SPECIAL[Math.floor(r * SPECIAL.length)]!;
    }
    if (draw !== "any") return Math.floor(r * 4) - (dtype === "u32" ? 0 : 2);
    return dtype === "f32" ? Math.fround(r * 4 - 2) : Math.floor(r * 2 ** 32);
  };
  return hostTensor(type, Array.from({ length: sizeOf(type.shape) }, one));
};

/** Indices of i32, some of which are outside of [0, size). */
export const randomIndices = (
  shape: readonly number[],
  size: number,
  seed: string | number,
): HostTensor => {
  const random = generator(`${seed}`);
  const values = Array.from({ length: sizeOf(shape) }, () => Math.floor(random() * (size + 3)) - 1);
  return hostTensor({ shape, dtype: "i32" }, values);
};
