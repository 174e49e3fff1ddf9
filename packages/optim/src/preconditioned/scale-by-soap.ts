import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  div,
  eye,
  greater,
  matMul,
  mul,
  sqrt,
  square,
  sum,
  where,
  zeros,
  zerosLike,
} from "@tensorflow/tfjs-core";
import { type Hyperparameter, movingAverage, plus, times } from "../core/arithmetic.ts";
import { checkRange, checkSteps } from "../core/check.ts";
import { biasCorrection, nextCount, zeroCount } from "../core/count.ts";
import { mapTensors } from "../core/map.ts";
import {
  initPerParameter,
  type ParameterStates,
  updatePerParameter,
} from "../core/per-parameter.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import { gramAlong, multiplyAlong } from "./along-axis.ts";
import { orthonormalColumns } from "./orthonormal-columns.ts";

/** The state of {@link scaleBySoap}. */
export type ScaleBySoapState = {
  readonly count: Scalar;
  /** The moving average of gradients. */
  readonly mu: TensorTree;
  /**
   * For each parameter the moving average `nu` of squared gradients in its basis, and for each axis
   * `{ statistics, basis }`, or null where the axis keeps its own.
   */
  readonly rotated: ParameterStates;
};

/** Options of {@link scaleBySoap}. */
export interface ScaleBySoapOptions {
  /** Decay of the first moment. Default 0.95. */
  readonly b1?: Hyperparameter | undefined;
  /** Decay of the second moment. Default 0.95. */
  readonly b2?: Hyperparameter | undefined;
  /** Decay of the statistics whose eigenvectors are the basis. Default: `b2`. */
  readonly shampooBeta?: Hyperparameter | undefined;
  /** Added to the root. Default 1e-8. */
  readonly eps?: Hyperparameter | undefined;
  /** Longer axes keep their own basis. Default 1024. */
  readonly maxPreconditionerSize?: number | undefined;
}

type Axis = { readonly statistics: Tensor; readonly basis: Tensor };
type Rotated = { readonly nu: Tensor; readonly axes: readonly (Axis | null)[] };

/** How much of ‖L‖ I is added before a power iteration: QR of a singular matrix has no answer. */
const SHIFT = 1e-6;

/** One step of power iteration on the statistics, from a basis to a nearer one to eigenvectors. */
function turned({ statistics, basis }: Axis): Tensor {
  const norm = sqrt(sum(square(statistics)));
  const power = add(matMul(statistics, basis), mul(times(norm, SHIFT), basis));
  return where(greater(norm, 0), orthonormalColumns(power), basis);
}

/** A tensor in the basis of its axes, or from it back. */
function rotate(x: Tensor, axes: readonly (Axis | null)[], back: boolean): Tensor {
  return axes.reduce<Tensor>(
    (y, axis, i) => (axis === null ? y : multiplyAlong(y, i, axis.basis, !back)),
    x,
  );
}

/**
 * Adam in the eigenbasis of Shampoo's statistics: u = Q_L (m̂' / (√v̂' + eps)) Q_Rᵀ.
 *
 * G' = Q_Lᵀ G Q_R; m ← β₁ m + (1 − β₁) G with m' = Q_Lᵀ m Q_R; v' ← β₂ v' + (1 − β₂) G'²; then
 * L ← β L + (1 − β) G Gᵀ and Q_L ← QR(L Q_L), likewise on the right, for the next step. Tensors of more
 * axes have one basis per axis; scalars, vectors and long axes keep theirs, so vectors get Adam.
 *
 * Bases start at I and turn by one power iteration at every step. The authors' code starts at an
 * eigendecomposition of the first gradient, which it takes no step with, then iterates every ten
 * steps and sorts columns by eigenvalue: here the first step is Adam's, the first few bases lag, and
 * eigenvalues come in order by themselves. All of it compiles: QR is a Gram–Schmidt loop.
 * Reference: Vyas et al., 2024, https://arxiv.org/abs/2409.11321, algorithms 3 and 4.
 *
 * @example
 * ```ts
 * import { chain, scaleByLearningRate, scaleBySoap } from "@layerwise/optim";
 *
 * const optimizer = chain(scaleBySoap(), scaleByLearningRate(3e-3));
 * ```
 */
export function scaleBySoap({
  b1 = 0.95,
  b2 = 0.95,
  shampooBeta = b2,
  eps = 1e-8,
  maxPreconditionerSize = 1024,
}: ScaleBySoapOptions = {}): GradientTransformation<ScaleBySoapState> {
  checkRange("scaleBySoap: b1", b1, 0, 1);
  checkRange("scaleBySoap: b2", b2, 0, 1);
  checkRange("scaleBySoap: shampooBeta", shampooBeta, 0, 1);
  checkRange("scaleBySoap: eps", eps, 0);
  checkSteps("scaleBySoap: maxPreconditionerSize", maxPreconditionerSize);
  const initAxis = (size: number): Axis => ({ statistics: zeros([size, size]), basis: eye(size) });
  return {
    init: (params) => ({
      count: zeroCount(),
      mu: mapTensors(zerosLike, params),
      rotated: initPerParameter(
        (p): Rotated => ({
          nu: zerosLike(p),
          axes: p.shape.map((size) =>
            p.rank < 2 || size > maxPreconditionerSize ? null : initAxis(size),
          ),
        }),
        params,
      ),
    }),
    update: (grads, state) =>
      treeTidy(() => {
        const count = nextCount(state.count);
        const [c1, c2] = [biasCorrection(b1, count), biasCorrection(b2, count)];
        const mu = mapTensors((g, m) => movingAverage(b1, m, g), grads, state.mu);
        const rule = (g: Tensor, { nu, axes }: Rotated, m: Tensor) => {
          const v = movingAverage(b2, nu, square(rotate(g, axes, false)));
          const unit = div(div(rotate(m, axes, false), c1), plus(sqrt(div(v, c2)), eps));
          const next = axes.map((axis, i): Axis | null => {
            if (axis === null) return null;
            const statistics = movingAverage(shampooBeta, axis.statistics, gramAlong(g, i));
            return { statistics, basis: turned({ statistics, basis: axis.basis }) };
          });
          return { update: rotate(unit, axes, true), state: { nu: v, axes: next } };
        };
        const { updates, states } = updatePerParameter(rule, grads, state.rotated, mu);
        return { updates, state: { count, mu, rotated: states } };
      }),
  };
}
