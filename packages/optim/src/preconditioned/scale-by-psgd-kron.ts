import { constant, treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  div,
  equal,
  eye,
  greater,
  matMul,
  max,
  maximum,
  mean,
  mul,
  ones,
  pow,
  reshape,
  sqrt,
  square,
  sub,
  sum,
  where,
} from "@tensorflow/tfjs-core";
import { type Hyperparameter, movingAverage, plus, tensorOf, times } from "../core/arithmetic.ts";
import { checkRange, checkSteps } from "../core/check.ts";
import { nextCount, zeroCount } from "../core/count.ts";
import {
  initPerParameter,
  type ParameterStates,
  updatePerParameter,
} from "../core/per-parameter.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import { gramAlong, multiplyAlong, shapeAlong, unfolded } from "./along-axis.ts";

/** The state of {@link scaleByPsgdKron}. */
export type ScaleByPsgdKronState = {
  readonly count: Scalar;
  /**
   * For each parameter and axis the factor `q` of the preconditioner, a matrix or the vector of a
   * diagonal, and the bound `lipschitz` that its steps are divided by.
   */
  readonly factors: ParameterStates;
};

/** Options of {@link scaleByPsgdKron}. */
export interface ScaleByPsgdKronOptions {
  /** The relative step size of the factors, in (0, 1). Default 0.1. */
  readonly preconditionerLearningRate?: Hyperparameter | undefined;
  /** Decay of the bound on the curvature of their fit. Default 0.9. */
  readonly lipschitzDecay?: Hyperparameter | undefined;
  /** The size of the noise that gradients are assumed to have: keeps factors finite. Default 1e-9. */
  readonly damping?: Hyperparameter | undefined;
  /** Longer axes, and those of vectors, have diagonal factors. Default 1024. */
  readonly maxPreconditionerSize?: number | undefined;
}

type Factor = { readonly q: Tensor; readonly lipschitz: Tensor };

/** Qᵀ Q, the factor of the preconditioner; a vector stands for its diagonal matrix. */
const squaredFactor = (q: Tensor): Tensor => (q.rank === 2 ? matMul(q, q, true, false) : square(q));

/** P g, fibre by fibre along each axis. */
function precondition(g: Tensor, factors: readonly Tensor[]): Tensor {
  return factors.reduce<Tensor>(
    (x, p, axis) =>
      p.rank === 2 ? multiplyAlong(x, axis, p) : mul(x, reshape(p, shapeAlong(g, axis))),
    g,
  );
}

/**
 * Whitens gradients: u = P g with a Kronecker-factored P = ⊗ QᵢᵀQᵢ that is fitted, step by step, to
 * E[gᵀ P g] + tr P⁻¹, so that E[(P g)(P g)ᵀ] → I.
 *
 * One relative gradient step per update in the coordinates dQ = Q E Q, which need no inverse: with
 * Tᵢ = (P g)(P g)ᵀ unfolded along axis i and tᵢ = size / sizeᵢ,
 * Qᵢ ← Qᵢ − μ / ℓᵢ · Qᵢ (Tᵢ − tᵢ I), ℓᵢ ← max(β ℓᵢ + (1 − β)(‖Tᵢ‖ + tᵢ), ‖Tᵢ‖ + tᵢ).
 *
 * Q starts so that the first update has entries of about 1, whatever the scale of gradients. The author's
 * code adds random noise of size `damping` to g; here its expectation is added to T, so that nothing is
 * random; ‖T‖ is the Frobenius norm, a bound, where the author estimates the spectral one; factors are
 * not rebalanced (the rule does not feel their relative scale). kron_torch and timm have the older
 * coordinates dQ = E Q with triangular Q, random probes and triangular solves.
 * References: Li, 2018, https://arxiv.org/abs/1512.04202; Li, 2024,
 * https://arxiv.org/abs/2402.11858.
 *
 * @example
 * ```ts
 * import { chain, scaleByLearningRate, scaleByPsgdKron } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleByPsgdKron(), scaleByLearningRate(1e-3));
 * ```
 */
export function scaleByPsgdKron({
  preconditionerLearningRate = 0.1,
  lipschitzDecay = 0.9,
  damping = 1e-9,
  maxPreconditionerSize = 1024,
}: ScaleByPsgdKronOptions = {}): GradientTransformation<ScaleByPsgdKronState> {
  checkRange("scaleByPsgdKron: preconditionerLearningRate", preconditionerLearningRate, 0, 1);
  checkRange("scaleByPsgdKron: lipschitzDecay", lipschitzDecay, 0, 1);
  checkRange("scaleByPsgdKron: damping", damping, 0);
  checkSteps("scaleByPsgdKron: maxPreconditionerSize", maxPreconditionerSize);
  const axes = (x: Tensor): readonly number[] => (x.rank === 0 ? [1] : x.shape);
  const isDiagonal = (x: Tensor, size: number): boolean =>
    x.rank < 2 || size > maxPreconditionerSize;

  /** The multiple of each factor that gives the first P g entries of about 1, and 1 later on. */
  const firstScale = (g: Tensor, count: Tensor): Tensor => {
    const fourth = mean(square(square(g)));
    const scale = pow(fourth, constant(-1 / (8 * g.rank)));
    const known = greater(fourth, 0);
    return where(equal(count, 0), where(known, scale, constant(1)), constant(1));
  };

  const rule = (count: Tensor) => (grad: Tensor, before: readonly Factor[]) => {
    const g = reshape(grad, [...axes(grad)]);
    const scale = firstScale(g, count);
    const old = before.map(({ q }) => mul(q, scale));
    const oldSquares = old.map(squaredFactor);
    const whitened = precondition(g, oldSquares);
    const norms = oldSquares.map((p) => sum(square(p)));
    const state = before.map(({ lipschitz }, axis): Factor => {
      const q = old[axis] as Tensor;
      const p = oldSquares[axis] as Tensor;
      const dense = q.rank === 2;
      // E[(P n)(P n)ᵀ] along the axis for noise n of size `damping`.
      const noise = norms.reduce<Tensor>(
        (product, norm, other) => (other === axis ? product : mul(product, norm)),
        square(tensorOf(damping)),
      );
      const observed = dense ? gramAlong(whitened, axis) : sum(square(unfolded(whitened, axis)), 1);
      const t = add(observed, mul(noise, dense ? matMul(p, p) : square(p)));
      const target = g.size / (q.shape[0] ?? 1);
      const bound = plus(dense ? sqrt(sum(square(t))) : max(t), target);
      const smooth = maximum(movingAverage(lipschitzDecay, lipschitz, bound), bound);
      const rate = div(tensorOf(preconditionerLearningRate), smooth);
      const excess = dense ? sub(matMul(q, t), times(q, target)) : mul(q, plus(t, -target));
      return { q: sub(q, mul(rate, excess)), lipschitz: smooth };
    });
    const update = precondition(
      g,
      state.map(({ q }) => squaredFactor(q)),
    );
    return { update: reshape(update, grad.shape), state };
  };

  return {
    init: (params) => ({
      count: zeroCount(),
      factors: initPerParameter(
        (p) =>
          axes(p).map(
            (size): Factor => ({
              q: isDiagonal(p, size) ? ones([size]) : eye(size),
              lipschitz: constant(0),
            }),
          ),
        params,
      ),
    }),
    update: (grads, { count, factors }) =>
      treeTidy(() => {
        const { updates, states } = updatePerParameter(rule(count), grads, factors);
        return { updates, state: { count: nextCount(count), factors: states } };
      }),
  };
}
