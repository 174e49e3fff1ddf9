import type { TensorTree } from "@layerwise/autodiff";
import { constant, treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import {
  abs,
  add,
  div,
  maximum,
  minimum,
  mul,
  neg,
  relu,
  square,
  stack,
  sub,
  sum,
  zeros,
  zerosLike,
} from "@tensorflow/tfjs-core";
import { globalNorm } from "../clipping/clip-by-global-norm.ts";
import { type Hyperparameter, plus, tensorOf, times } from "../core/arithmetic.ts";
import { checkRange, checkSteps } from "../core/check.ts";
import { nextCount, zeroCount } from "../core/count.ts";
import { mapTensors } from "../core/map.ts";
import { safeSqrt } from "../core/safe-sqrt.ts";
import type {
  AnyTransformation,
  ExtraOf,
  GradientTransformation,
  OptimizerState,
} from "../core/transformation.ts";
import { requireParams } from "../core/transformation.ts";
import { treeDot } from "../core/tree-sums.ts";

/** The state of {@link mechanize}: vectors have one element for each decay. */
export type MechanicState<Inner> = {
  readonly count: Scalar;
  /** The sum of the inner updates so far, negative: θ = θ₁ − Σs Δ. */
  readonly delta: TensorTree;
  /** The largest, slowly forgotten |h|. */
  readonly m: Tensor;
  /** The decayed sum of h². */
  readonly v: Tensor;
  /** The decayed sum of the gains h s. */
  readonly r: Tensor;
  /** The scale factors; their sum multiplies Δ. */
  readonly s: Tensor;
  readonly inner: Inner;
};

/** Options of {@link mechanize}. */
export interface MechanizeOptions {
  /** Decay λ of the tuner, not of the inner optimizer. Default 1e-2. */
  readonly weightDecay?: Hyperparameter | undefined;
  /** Keeps the divisions finite. Default 1e-8. */
  readonly eps?: Hyperparameter | undefined;
  /** The first scale factors. Default 1e-6. */
  readonly sInit?: Hyperparameter | undefined;
  /** How many decays 1 − 0.1, 1 − 0.01, … are used at once. Default 6. */
  readonly numBetas?: number | undefined;
}

/**
 * Mechanic: learns the factor of another optimizer's updates, a tuner of its learning rate.
 *
 * The inner updates are summed, Δ ← Δ − u, and the parameters are θ₁ − Σs Δ. With
 * h = ⟨g + λ Σs ‖g‖ / (‖θ‖ + eps) θ, Δ⟩ and, for every β, with h clipped to ±m:
 *
 * r ← β r + s clip(h), m ← max(β m, |h| + eps), v ← β² v + h²,
 * s ← (sInit / n m + max(r, 0)) / (√v + eps).
 *
 * A schedule stays with the inner optimizer, with 1 as its largest value. As in optax, h takes Δ times
 * Σs / (Σs + eps), and clips by the m before the step; where optax computes Δ from the parameters,
 * this keeps it in the state in place of θ₁, as the difference of two nearly equal parameters has few
 * digits in float32. `update` needs the parameters.
 * Reference: Cutkosky, Defazio and Mehta, 2023, https://arxiv.org/abs/2306.00144, algorithm 1.
 *
 * @example
 * ```ts
 * import { adam, mechanize } from "@layerwise/optim";
 *
 * const optimizer = mechanize(adam({ learningRate: 1 }));
 * ```
 */
export function mechanize<T extends AnyTransformation>(
  inner: T,
  { weightDecay = 1e-2, eps = 1e-8, sInit = 1e-6, numBetas = 6 }: MechanizeOptions = {},
): GradientTransformation<MechanicState<OptimizerState<T>>, ExtraOf<T>> {
  checkRange("mechanize: weightDecay", weightDecay, 0);
  checkRange("mechanize: eps", eps, Number.MIN_VALUE);
  checkRange("mechanize: sInit", sInit, Number.MIN_VALUE);
  checkSteps("mechanize: numBetas", numBetas);
  const decays = Array.from({ length: numBetas }, (_, i) => 1 - 0.1 ** (i + 1));

  const init = (params: TensorTree): MechanicState<unknown> =>
    treeTidy(() => ({
      count: zeroCount(),
      delta: mapTensors(zerosLike, params),
      m: zeros([numBetas]),
      v: zeros([numBetas]),
      r: zeros([numBetas]),
      s: stack(decays.map(() => tensorOf(sInit))),
      inner: inner.init(params),
    }));

  const update: AnyTransformation["update"] = (grads, before, params, extra) =>
    treeTidy(() => {
      const wanted = requireParams("mechanize", params);
      const state = before as MechanicState<unknown>;
      const step = inner.update(grads, state.inner, params, extra);
      const scaleBefore = sum(state.s);
      const seen = div(scaleBefore, plus(scaleBefore, eps));
      const deltaBefore = mapTensors((d) => mul(d, seen), state.delta);
      const delta = mapTensors(sub, deltaBefore, step.updates);

      const decay = div(
        mul(times(scaleBefore, weightDecay), globalNorm(grads)),
        plus(globalNorm(wanted), eps),
      );
      const decayed = mapTensors((g, p) => add(g, mul(decay, p)), grads, wanted);
      const h = treeDot(decayed, deltaBefore);
      const clipped = minimum(maximum(h, neg(state.m)), state.m);

      const betas = stack(decays.map(constant));
      const m = maximum(mul(betas, state.m), plus(abs(h), eps));
      const v = add(mul(square(betas), state.v), square(h));
      const r = add(mul(betas, state.r), mul(clipped, state.s));
      const wealth = add(times(times(m, sInit), 1 / numBetas), relu(r));
      const s = div(wealth, plus(safeSqrt(v), eps));

      const scaleAfter = sum(s);
      const updates = mapTensors(
        (now, was) => sub(mul(scaleBefore, was), mul(scaleAfter, now)),
        delta,
        state.delta,
      );
      const count = nextCount(state.count);
      return { updates, state: { count, delta, m, v, r, s, inner: step.state } };
    }) as never;

  return { init, update } as unknown as GradientTransformation<
    MechanicState<OptimizerState<T>>,
    ExtraOf<T>
  >;
}
