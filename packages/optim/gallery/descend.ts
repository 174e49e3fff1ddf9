import { compile, grad, type TensorTree, treeDispose } from "@layerwise/autodiff";
import { applyUpdates } from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import type { TestFunction } from "../test/support/functions.ts";
import type { Contestant, Driven } from "./contestants.ts";

export type Point = readonly [number, number];

/** A path through the plane. */
export interface Path {
  readonly contestant: Contestant;
  readonly learningRate: number;
  readonly points: readonly Point[];
  /**
   * Updates until the value stays within a thousandth of what the start was above the minimum, or, of
   * an unbounded function, until the path leaves the window; Infinity if it does not.
   */
  readonly steps: number;
}

type Params = { readonly x: tf.Tensor };

const STEPS = 200;
const RATES = [10, 3, 1, 0.3, 0.1, 0.03, 0.01, 3e-3, 1e-3, 3e-4];
/** On a way down without end the largest rate is always the fastest: the same for all. */
const SADDLE_RATES = [0.02];
const ARRIVED = 1e-3;

/**
 * The path of an optimizer with the learning rate that arrives first, or else gets lowest, among
 * those at which it never leaves the window nor rises above its start.
 */
export function bestPath(contestant: Contestant, fn: TestFunction): Path {
  const rates = isBounded(fn) ? RATES : SADDLE_RATES;
  const runs = (contestant.hasRate ? rates : [1]).map((rate) => run(contestant, rate, fn));
  const [best] = runs.toSorted((a, b) => a.rank - b.rank);
  return (best as (typeof runs)[number]).path;
}

const isBounded = ({ minima }: TestFunction): boolean => minima.length > 0;

function run(contestant: Contestant, learningRate: number, fn: TestFunction) {
  const { points, values } = trajectory(contestant.make(learningRate), fn);
  const left = points.findIndex((point) => !isInside(point, fn));
  const isWild = left >= 0 || !values.every((value) => value <= (values[0] ?? 0) + 1e-6);
  const arrived = isBounded(fn) ? arrival(values, fn.minimum) : left;
  const steps = arrived >= 0 && arrived <= STEPS ? arrived : Infinity;
  const end = Math.min(steps, left < 0 ? STEPS : left);
  const path: Path = { contestant, learningRate, points: points.slice(0, end + 1), steps };
  const last = 2 + Math.atan(values.at(-1) ?? Number.NaN);
  const rank = isWild && isBounded(fn) ? Infinity : steps < Infinity ? steps : STEPS + last;
  return { path, rank };
}

function isInside([px, py]: Point, { window: { x, y } }: TestFunction): boolean {
  return px >= x[0] && px <= x[1] && py >= y[0] && py <= y[1];
}

/** The first step from which on all values are low. */
function arrival(values: readonly number[], minimum: number): number {
  const limit = minimum + ARRIVED * ((values[0] ?? Number.NaN) - minimum);
  return values.findLastIndex((value) => !(value <= limit)) + 1;
}

function trajectory(optimizer: Driven, { loss, start }: TestFunction) {
  const valueFn = ({ x }: Params): tf.Tensor => loss(x as tf.Tensor1D);
  const gradFn = grad(valueFn);
  const step = compile((params: Params, state: unknown) => {
    const extra = { value: valueFn(params), valueFn, gradFn };
    const next = optimizer.update(gradFn(params) as TensorTree, state, params, extra);
    return [applyUpdates(params, next.updates), next.state, extra.value] as const;
  });
  let params: Params = { x: tf.tensor1d([...start]) };
  let state = optimizer.init(params);
  const points: Point[] = [];
  const values: number[] = [];
  for (let i = 0; i <= STEPS; i++) {
    const [next, nextState, value] = step(params, state);
    points.push([...params.x.dataSync()] as unknown as Point);
    values.push(value.dataSync()[0] ?? Number.NaN);
    treeDispose([params, state, value]);
    [params, state] = [next, nextState];
  }
  treeDispose([params, state]);
  step.dispose();
  return { points, values };
}
