// @boundaries-ignore helpers for the tests of packages see what those see
import { type Trace, trace, treeFlatten, treeLeaves } from "@layerwise/autodiff";
import type * as tf from "@tensorflow/tfjs-core";
// @boundaries-ignore the float64 reference that autodiff keeps for tests
import {
  evaluateGraph,
  type HostTensor,
  hostTensor,
} from "../../../packages/autodiff/src/host/index.ts";

export type { HostTensor };

type DType = HostTensor["type"]["dtype"];
const dtypes: Readonly<Record<string, DType>> = { float32: "f32", int32: "i32", bool: "bool" };

/** The values of a tensor as the reference takes them. */
export const toHost = (x: tf.Tensor): HostTensor =>
  hostTensor({ shape: x.shape, dtype: dtypes[x.dtype] as DType }, Array.from(x.dataSync()));

/** A float tensor with double precision. */
export const float64Tensor = (shape: readonly number[], values: readonly number[]): HostTensor =>
  hostTensor({ shape, dtype: "f32" }, values);

/** All values of a list of tensors. */
export const numbers = (tensors: readonly HostTensor[]): number[] =>
  tensors.flatMap(({ data }) => Array.from(data as ArrayLike<number>));

/** Computes a traced function on lists of leaves, in float64. */
export type Float64 = (inputs: readonly HostTensor[]) => HostTensor[];

/** Traces a function on arguments like the given ones; each run computes in float64. */
export function float64<A extends readonly unknown[]>(
  fn: (...args: A) => unknown,
  ...args: A
): Float64 {
  const { graph, captures }: Trace = trace(fn, args);
  const captured = captures.map(toHost);
  return (inputs) => evaluateGraph(graph, [...captured, ...inputs]);
}

/** The leaves of a tree as the reference takes them. */
export const hostLeaves = (tree: unknown): HostTensor[] =>
  treeLeaves<unknown, tf.Tensor>(tree).map(toHost);

/** Number of leaves. */
export const leafCount = (tree: unknown): number => treeFlatten(tree).leaves.length;
