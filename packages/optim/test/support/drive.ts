import { constant, type TensorTree } from "@layerwise/autodiff";
import { applyUpdates } from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { float64, float64Tensor, type HostTensor, numbers } from "./float64.ts";
import type { AnyOptimizer } from "./row.ts";

/** Parameters or gradients of the golden cases. */
export type Values = {
  readonly w: readonly (readonly number[])[];
  readonly b: readonly number[];
};

/** Values in the order of leaves: b, w. */
export const flatValues = ({ w, b }: Values): number[] => [...b, ...w.flat()];

const hosts = ({ w, b }: Values): HostTensor[] => [
  float64Tensor([b.length], b),
  float64Tensor([w.length, w[0]?.length ?? 0], w.flat()),
];

/** Loss that rules are given where they want one. */
const extra = () => ({ value: constant(1) });

/** The parameters after each of some given gradients, in float64. */
export function driveFloat64(
  optimizer: AnyOptimizer,
  start: Values,
  gradients: readonly Values[],
): number[][] {
  const example = { w: tf.zeros([start.w.length, start.w[0]?.length ?? 0]), b: tf.zeros([4]) };
  const init = float64((params: TensorTree) => optimizer.init(params), example);
  const step = float64(
    (params: TensorTree, before: unknown, grads: TensorTree) => {
      const { updates, state } = optimizer.update(grads, before, params, extra());
      return [applyUpdates(params, updates), state];
    },
    example,
    optimizer.init(example),
    example,
  );
  let params = hosts(start);
  let carry = init(params);
  return gradients.map((grads) => {
    const next = step([...params, ...carry, ...hosts(grads)]);
    params = next.slice(0, 2);
    carry = next.slice(2);
    return numbers(params);
  });
}

/** The same in float32, op by op. */
export function driveFloat32(
  optimizer: AnyOptimizer,
  start: Values,
  gradients: readonly Values[],
): number[][] {
  const tensors = ({ w, b }: Values) => ({
    w: tf.tensor(w as number[][]),
    b: tf.tensor(b as number[]),
  });
  let params = tensors(start);
  let state = optimizer.init(params);
  return gradients.map((grads) => {
    const step = optimizer.update(tensors(grads), state, params, extra());
    params = applyUpdates(params, step.updates);
    state = step.state;
    return [...params.b.dataSync(), ...params.w.dataSync()];
  });
}

/** The largest distance, relative where the second is above 1. */
export const farthest = (got: readonly number[][], want: readonly number[][]): number =>
  Math.max(
    ...want.flatMap((row, i) =>
      row.map((x, j) => {
        const distance = Math.abs((got[i]?.[j] ?? Number.NaN) - x) / Math.max(1, Math.abs(x));
        return Number.isNaN(distance) ? Infinity : distance;
      }),
    ),
  );
