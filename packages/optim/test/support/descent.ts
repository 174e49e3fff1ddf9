import { grad } from "@layerwise/autodiff";
import type { GradientTransformation, LinesearchExtra } from "@layerwise/optim";
import { applyUpdates } from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { float64, float64Tensor, type HostTensor, hostLeaves, numbers } from "./float64.ts";

/** A function of one vector. */
export type Loss = (x: tf.Tensor1D) => tf.Tensor;

/** An optimizer whose last part is a line search. */
export type Searching = GradientTransformation<
  readonly [...unknown[], { readonly steps: tf.Tensor }],
  Omit<LinesearchExtra, "grad">
>;

/** A point of a minimization and the evaluations made to get there. */
export interface Visited {
  readonly x: readonly number[];
  readonly evaluations: number;
  readonly steps: number;
}

/** One step: the next parameters and state, and the number of evaluations. */
export const stepOf =
  (optimizer: Searching, loss: Loss) =>
  (x: tf.Tensor1D, state: unknown): readonly [tf.Tensor1D, unknown, tf.Tensor] => {
    const gradFn = grad(loss);
    const before = state as Parameters<Searching["update"]>[1];
    const next = optimizer.update(gradFn(x), before, x, { valueFn: loss, gradFn });
    const { steps } = next.state.at(-1) as { readonly steps: tf.Tensor };
    return [applyUpdates(x, next.updates), next.state, steps];
  };

/** The points of a minimization in float64, without end. */
export function* descend(
  optimizer: Searching,
  loss: Loss,
  start: readonly number[],
): Generator<Visited, never> {
  const x = tf.tensor1d([...start]);
  const state = optimizer.init(x);
  const step = float64(stepOf(optimizer, loss), x, state);
  let carry: HostTensor[] = [float64Tensor([start.length], start), ...hostLeaves(state)];
  // The point at the start of the first line.
  let evaluations = 1;
  for (let steps = 1; ; steps++) {
    const next = step(carry);
    carry = next.slice(0, -1);
    evaluations += numbers(next.slice(-1))[0] ?? Number.NaN;
    yield { x: numbers(next.slice(0, 1)), evaluations, steps };
  }
}

/** The Euclidean distance of two points. */
export const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.hypot(...a.map((x, i) => x - (b[i] ?? Number.NaN)));

/** The first point near one of the minima; throws where there is none among the first 200. */
export function arrival(
  points: Iterable<Visited>,
  minima: readonly (readonly number[])[],
  within: number,
): Visited {
  for (const point of points) {
    if (minima.some((minimum) => distance(point.x, minimum) < within)) return point;
    if (point.steps === 200) throw new Error(`expected a minimum, got ${point.x}`);
  }
  throw new Error("expected points without end");
}
