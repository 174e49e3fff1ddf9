import type { TensorTree } from "@layerwise/autodiff";
import type { AnyTransformation, OptimizerState } from "@layerwise/optim";
import { applyUpdates } from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import golden from "../fixtures/optimizers.json" with { type: "json" };
import { float64, float64Tensor, numbers } from "./float64.ts";
import type { AnyOptimizer } from "./row.ts";

/** The parameters (w row by row, then b) after each update. */
export type Trajectory = readonly (readonly number[])[];

const flat = ({ w, b }: (typeof golden.grads)[number]): readonly number[] => [...w.flat(), ...b];

/** What a trajectory starts from and is driven by: the fixture's values, or a function of them. */
export interface Drive {
  readonly params?: (values: readonly number[]) => readonly number[];
  readonly grads?: (values: readonly number[]) => readonly number[];
}

const same = (values: readonly number[]): readonly number[] => values;

/**
 * Runs an optimizer with the 50 gradients of `optimizers.json` in float64; `read` may tell something
 * else than the parameters.
 */
export function trajectory<T extends AnyTransformation>(
  transformation: T,
  { params: start = same, grads: drive = same }: Drive = {},
  read: (params: tf.Tensor, state: OptimizerState<T>) => tf.Tensor = (params) => params,
): Trajectory {
  const optimizer = transformation as unknown as AnyOptimizer;
  const first = start(flat(golden.params));
  const shape = [first.length];
  const example = tf.zeros(shape);
  const init = float64((params: TensorTree) => optimizer.init(params), example);
  const step = float64(
    (params: tf.Tensor, before: unknown, grads: tf.Tensor) => {
      const { updates, state } = optimizer.update(grads, before, params);
      const next = applyUpdates(params, updates);
      return [next, state, read(next, state as OptimizerState<T>)];
    },
    example,
    optimizer.init(example),
    example,
  );
  let params = [float64Tensor(shape, first)];
  let state = init(params);
  return golden.grads.map((grads) => {
    const next = step([...params, ...state, float64Tensor(shape, drive(flat(grads)))]);
    params = next.slice(0, 1);
    state = next.slice(1, -1);
    return numbers(next.slice(-1));
  });
}

/** Runs a rule written for one number: each gets its own, made by `make`. */
export function trajectoryOf(
  make: () => (theta: number, g: number, t: number) => number,
  { params: start = same, grads: drive = same }: Drive = {},
): Trajectory {
  let params = start(flat(golden.params));
  const rules = params.map(make);
  return golden.grads.map((grads, t) => {
    const g = drive(flat(grads));
    params = params.map((theta, i) => rules[i]?.(theta, g[i] ?? Number.NaN, t) ?? Number.NaN);
    return params;
  });
}

/** The largest distance, relative where values are above 1. */
export function distance(got: Trajectory, want: Trajectory): number {
  const differences = got.flatMap((values, t) =>
    values.map((x, i) => {
      const y = want[t]?.[i] ?? Number.NaN;
      return Math.abs(x - y) / Math.max(1, Math.abs(y));
    }),
  );
  return differences.reduce((worst, d) => (d > worst || Number.isNaN(d) ? d : worst), 0);
}
