import { treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  cast,
  div,
  exp,
  expm1,
  log,
  mean,
  mul,
  neg,
  rsqrt,
  square,
  sub,
  zeros,
  zerosLike,
} from "@tensorflow/tfjs-core";
import { type Hyperparameter, plus, tensorOf } from "../core/arithmetic.ts";
import { checkFinite, checkRange, checkSteps } from "../core/check.ts";
import { nextCount, zeroCount } from "../core/count.ts";
import {
  checkPerParameter,
  initPerParameter,
  type ParameterStates,
  updatePerParameter,
} from "../core/per-parameter.ts";
import type { GradientTransformation } from "../core/transformation.ts";

/** The state of {@link scaleByFactoredRms}. */
export type ScaleByFactoredRmsState = {
  readonly count: Scalar;
  /**
   * For each parameter the moving average of its squared gradient: `{ full }`, or where it is factored
   * the means over either of the two largest axes, `{ rows, columns }`.
   */
  readonly nu: ParameterStates;
};

/** Options of {@link scaleByFactoredRms}. */
export interface ScaleByFactoredRmsOptions {
  /** Whether large matrices are factored at all. Default true. */
  readonly factored?: boolean | undefined;
  /** The exponent c of the decay 1 − t⁻ᶜ. Default 0.8. */
  readonly decayRate?: Hyperparameter | undefined;
  /** Subtracted from the step in the decay, to start it over. Default 0. */
  readonly stepOffset?: Hyperparameter | undefined;
  /** Tensors are factored when their two largest axes have at least this size. Default 128. */
  readonly minDimSizeToFactor?: number | undefined;
  /** Added to squared gradients. Default 1e-30. */
  readonly eps?: Hyperparameter | undefined;
}

type Factors = { readonly full: Tensor } | { readonly rows: Tensor; readonly columns: Tensor };

/** The shape of the parameter that a state belongs to. */
function shapeOf(state: Factors): readonly number[] {
  if ("full" in state) return state.full.shape;
  const { rows, columns } = state;
  return rows.shape.map((size, axis) => Math.max(size, columns.shape[axis] ?? 1));
}

/** The two largest axes [second largest, largest], or undefined where they are too small to factor. */
function factoredAxes(
  shape: readonly number[],
  smallest: number,
): readonly [number, number] | undefined {
  const bySize = shape.map((size, axis) => ({ size, axis })).sort((a, b) => a.size - b.size);
  const [second, largest] = bySize.slice(-2);
  if (second === undefined || largest === undefined || second.size < smallest) return undefined;
  return [second.axis, largest.axis];
}

/**
 * Divides gradients by the root of a moving average of their squares, kept for matrices as the
 * averages of rows and columns only: n + m numbers in place of n · m.
 *
 * Decay βₜ = 1 − t⁻ᶜ, with G = g² + eps: R ← β R + (1 − β) mean_rows(G), C ← β C + (1 − β) mean_columns(G);
 * u = g / √(R C / mean(R)). Tensors of more axes are factored along their two largest.
 *
 * optax's convention: factored only where both axes reach `minDimSizeToFactor`; PyTorch and Keras factor
 * every matrix. Reference: Shazeer and Stern, 2018, https://arxiv.org/abs/1804.04235, algorithm 4.
 *
 * @example
 * ```ts
 * import { chain, scaleByFactoredRms, scaleByLearningRate } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleByFactoredRms(), scaleByLearningRate(1e-2));
 * ```
 */
export function scaleByFactoredRms({
  factored = true,
  decayRate = 0.8,
  stepOffset = 0,
  minDimSizeToFactor = 128,
  eps = 1e-30,
}: ScaleByFactoredRmsOptions = {}): GradientTransformation<ScaleByFactoredRmsState> {
  checkRange("scaleByFactoredRms: decayRate", decayRate, 0);
  checkFinite("scaleByFactoredRms: stepOffset", stepOffset);
  checkSteps("scaleByFactoredRms: minDimSizeToFactor", minDimSizeToFactor);
  checkRange("scaleByFactoredRms: eps", eps, 0);
  const smallest = factored ? minDimSizeToFactor : Infinity;
  const sizeOne = (shape: readonly number[], axis: number): number[] => shape.with(axis, 1);
  return {
    init: (params) => ({
      count: zeroCount(),
      nu: initPerParameter((p): Factors => {
        const axes = factoredAxes(p.shape, smallest);
        if (axes === undefined) return { full: zerosLike(p) };
        const [second, largest] = axes;
        return {
          rows: zeros(sizeOne(p.shape, largest)),
          columns: zeros(sizeOne(p.shape, second)),
        };
      }, params),
    }),
    update: (grads, { count, nu }) =>
      treeTidy(() => {
        checkPerParameter("scaleByFactoredRms: gradients", grads, nu, shapeOf);
        const next = nextCount(count);
        const step = sub(cast(next, "float32"), tensorOf(stepOffset));
        const exponent = neg(mul(log(step), tensorOf(decayRate)));
        const [decay, weight] = [neg(expm1(exponent)), exp(exponent)];
        const averaged = (average: Tensor, value: Tensor): Tensor =>
          add(mul(decay, average), mul(weight, value));
        const rule = (g: Tensor, state: Factors): { update: Tensor; state: Factors } => {
          const squares = plus(square(g), eps);
          const axes = factoredAxes(g.shape, smallest);
          if (axes === undefined || "full" in state) {
            const full = averaged((state as { readonly full: Tensor }).full, squares);
            return { update: mul(g, rsqrt(full)), state: { full } };
          }
          const [second, largest] = axes;
          const rows = averaged(state.rows, mean(squares, largest, true));
          const columns = averaged(state.columns, mean(squares, second, true));
          const relative = rsqrt(div(rows, mean(rows, second, true)));
          return { update: mul(mul(g, relative), rsqrt(columns)), state: { rows, columns } };
        };
        const { updates, states } = updatePerParameter(rule, grads, nu);
        return { updates, state: { count: next, nu: states } };
      }),
  };
}
