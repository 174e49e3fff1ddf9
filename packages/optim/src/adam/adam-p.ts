import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate, checkRange } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import type { TraceState } from "../momentum/trace.ts";
import { trace } from "../momentum/trace.ts";
import type { AdamOptions } from "./adam.ts";
import type { ScaleByAdamState } from "./moments.ts";
import type { ProjectRadialOptions } from "./project-radial.ts";
import { projectRadial } from "./project-radial.ts";
import { scaleByAdam } from "./scale-by-adam.ts";

/** Options of {@link adamP}. */
export interface AdamPOptions extends AdamOptions, Omit<ProjectRadialOptions, "eps" | "momentum"> {}

/** Options of {@link sgdP}. */
export interface SgdPOptions extends ProjectRadialOptions {
  /** The step size, a number or a schedule. */
  readonly learningRate: LearningRate;
  /** The decay of the momentum sum, in [0, 1). Default 0. */
  readonly momentum?: Hyperparameter | undefined;
  /** Use Nesterov's momentum. Default false. */
  readonly nesterov?: boolean | undefined;
}

/**
 * AdamP: Adam without the radial part of steps on scale-invariant weights, see {@link projectRadial}.
 *
 * `nesterov` is that of `scaleByAdam`; the authors' code corrects both of its parts by 1 − β₁ᵗ.
 * Reference: Heo et al., 2021, https://arxiv.org/abs/2006.08217.
 *
 * @example
 * ```ts
 * import { adamP } from "@layerwise/optim";
 *
 * const optimizer = adamP({ learningRate: 1e-3, weightDecay: 1e-2 });
 * ```
 */
export function adamP(
  options: AdamPOptions,
): GradientTransformation<readonly [ScaleByAdamState, LearningRateState]> {
  const { learningRate, delta, weightDecay, wdRatio, channelAxis, ...rest }: Partial<AdamPOptions> =
    options ?? {};
  checkLearningRate("adamP", learningRate);
  return chain(
    projectRadial(scaleByAdam(rest), { delta, weightDecay, wdRatio, channelAxis }),
    scaleByLearningRate(learningRate),
  );
}

/**
 * SGDP: SGD with momentum, without the radial part of steps on scale-invariant weights.
 *
 * Weight decay is λ / (1 − μ), as the momentum's sum makes steps so much longer: as in the authors' code.
 * Reference: Heo et al., 2021, https://arxiv.org/abs/2006.08217.
 *
 * @example
 * ```ts
 * import { sgdP } from "@layerwise/optim";
 *
 * const optimizer = sgdP({ learningRate: 0.1, momentum: 0.9, weightDecay: 1e-5 });
 * ```
 */
export function sgdP(
  options: SgdPOptions,
): GradientTransformation<readonly [TraceState, LearningRateState]> {
  const {
    learningRate,
    momentum = 0,
    nesterov = false,
    ...rest
  }: Partial<SgdPOptions> = options ?? {};
  checkLearningRate("sgdP", learningRate);
  checkRange("sgdP: momentum", momentum, 0, 1);
  return chain(
    projectRadial(trace({ decay: momentum, nesterov }), { ...rest, momentum }),
    scaleByLearningRate(learningRate),
  );
}
