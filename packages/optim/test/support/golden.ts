import { constant, type TensorTree } from "@layerwise/autodiff";
import { applyUpdates } from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import adam from "../fixtures/adam.json" with { type: "json" };
import adaptive from "../fixtures/adaptive.json" with { type: "json" };
import dualAveraging from "../fixtures/dual-averaging.json" with { type: "json" };
import layerwise from "../fixtures/layerwise.json" with { type: "json" };
import lookahead from "../fixtures/lookahead.json" with { type: "json" };
import memory from "../fixtures/memory.json" with { type: "json" };
import momentum from "../fixtures/momentum.json" with { type: "json" };
import golden from "../fixtures/optimizers.json" with { type: "json" };
import parameterFree from "../fixtures/parameter-free.json" with { type: "json" };
import preconditioned from "../fixtures/preconditioned.json" with { type: "json" };
import scheduleFree from "../fixtures/schedule-free.json" with { type: "json" };
import sign from "../fixtures/sign.json" with { type: "json" };
import wrappers from "../fixtures/wrappers.json" with { type: "json" };
import { float64, float64Tensor, type HostTensor, leafCount, numbers } from "./float64.ts";
import type { AnyOptimizer } from "./row.ts";

/** Parameters of a golden case. */
type Values = { readonly w: readonly (readonly number[])[]; readonly b: readonly number[] };

export interface GoldenCase {
  readonly source: string;
  readonly name: string;
  readonly config: object;
  readonly trajectory: Readonly<Record<string, Values>>;
}

/** Cases of a fixture; they share the parameters and gradients of optimizers.json. */
type Fixture = { readonly cases: readonly unknown[] };

const fixtures: readonly Fixture[] = [
  golden,
  dualAveraging,
  layerwise,
  memory,
  preconditioned,
  adam,
  adaptive,
  momentum,
  sign,
  wrappers,
  lookahead,
  parameterFree,
  scheduleFree,
];

export const goldenCases: readonly GoldenCase[] = fixtures.flatMap(
  ({ cases }) => cases as readonly GoldenCase[],
);

/** How rows refer to a case: `optax adam {"learning_rate":0.1}`. */
export const idOf = ({ source, name, config }: GoldenCase): string =>
  `${source} ${name} ${JSON.stringify(config)}`;

/** Loss that the oracles were given where a rule wants one. */
const extra = () => ({ value: constant(1) });

// Leaf order of a tree is that of its sorted names: b, w.
const host = ({ w, b }: Values): HostTensor[] => [
  float64Tensor([b.length], b),
  float64Tensor([w.length, w[0]?.length ?? 0], w.flat()),
];
const tensors = ({ w, b }: Values) => ({
  w: tf.tensor(w as number[][]),
  b: tf.tensor(b as number[]),
});

/** The largest difference from the oracle's parameters, relative where they are above 1, by step. */
export type Differences = Readonly<Record<string, number>>;

const difference = (got: readonly number[], want: Values): number =>
  Math.max(
    ...numbers(host(want)).map((value, i) => {
      const distance = Math.abs((got[i] ?? Number.NaN) - value) / Math.max(1, Math.abs(value));
      return Number.isNaN(distance) ? Infinity : distance;
    }),
  );

/** Runs a case in float32 on the active backend, op by op. */
export function eagerDifferences(optimizer: AnyOptimizer, { trajectory }: GoldenCase): Differences {
  let params: TensorTree = tensors(golden.params);
  let state = optimizer.init(params);
  const seen: Record<string, number> = {};
  golden.grads.forEach((grad, i) => {
    const step = optimizer.update(tensors(grad), state, params, extra());
    params = applyUpdates(params, step.updates);
    state = step.state;
    const want = trajectory[i + 1];
    const { w, b } = params as { w: tf.Tensor; b: tf.Tensor };
    if (want) seen[i + 1] = difference([...b.dataSync(), ...w.dataSync()], want);
  });
  return seen;
}

/** Runs a case in float64 on the reference. */
export function float64Differences(
  optimizer: AnyOptimizer,
  { trajectory }: GoldenCase,
): Differences {
  const example = tensors(golden.params);
  const state = optimizer.init(example);
  const init = float64((params: TensorTree) => optimizer.init(params), example);
  const step = float64(
    (params: TensorTree, before: unknown, grads: TensorTree) => {
      const { updates, state: after } = optimizer.update(grads, before, params, extra());
      return [applyUpdates(params, updates), after];
    },
    example,
    state,
    example,
  );
  const size = leafCount(example);
  let params = host(golden.params);
  let carry = init(params);
  const seen: Record<string, number> = {};
  golden.grads.forEach((grad, i) => {
    const next = step([...params, ...carry, ...host(grad)]);
    params = next.slice(0, size);
    carry = next.slice(size);
    const want = trajectory[i + 1];
    if (want) seen[i + 1] = difference(numbers(params), want);
  });
  return seen;
}
