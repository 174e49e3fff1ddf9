import type { Tensor } from "@tensorflow/tfjs-core";
import { sqrt, square, sub, tidy } from "@tensorflow/tfjs-core";
import type { Hyperparameter } from "../core/arithmetic.ts";
import { checkChoice, checkSteps } from "../core/check.ts";
import type { Schedule } from "../core/learning-rate.ts";
import { checkValues } from "./check.ts";
import { halfCosine, mix } from "./interpolate.ts";
import { fraction } from "./time.ts";
import { afterWarmup, type WarmupScheduleOptions } from "./warm-up.ts";

/** The form of a decay: 1 − x, a half cosine wave, 1 − √x or 1 − x². */
export type DecayShape = "linear" | "cosine" | "sqrt" | "square";

const shapes: Readonly<Record<DecayShape, (x: Tensor) => Tensor>> = {
  linear: (x) => sub(1, x),
  cosine: halfCosine,
  sqrt: (x) => sub(1, sqrt(x)),
  square: (x) => sub(1, square(x)),
};

/** Options of {@link warmupStableDecaySchedule}. */
export interface WarmupStableDecayScheduleOptions extends WarmupScheduleOptions {
  /** The length of the whole schedule, all three phases. */
  readonly steps: number;
  /** The length of the decay, the last phase. */
  readonly decaySteps: number;
  /** The last value, which stays. Default 0. */
  readonly endValue?: Hyperparameter | undefined;
  /** Default "sqrt". */
  readonly shape?: DecayShape | undefined;
}

/**
 * WSD: a straight line up to `peakValue`, the peak for most of the time, and a short decay.
 *
 * The stable phase can be prolonged without a new start, as nothing in it depends on the end.
 * References: Hu et al., 2024, https://arxiv.org/abs/2404.06395; Hägele et al., 2024,
 * https://arxiv.org/abs/2405.18392, who found 1 − √x best.
 *
 * @example
 * ```ts
 * import { warmupStableDecaySchedule } from "@layerwise/optim";
 *
 * const rate = warmupStableDecaySchedule({
 *   peakValue: 1e-3,
 *   warmupSteps: 100,
 *   decaySteps: 200,
 *   steps: 1000,
 * });
 * ```
 */
export function warmupStableDecaySchedule(options: WarmupStableDecayScheduleOptions): Schedule {
  const name = "warmupStableDecaySchedule";
  const { peakValue, warmupSteps, steps, decaySteps, endValue = 0, shape = "sqrt" } = options;
  checkValues(name, { endValue });
  checkSteps(`${name}: steps`, steps);
  checkSteps(`${name}: decaySteps`, decaySteps);
  checkChoice(`${name}: shape`, shape, Object.keys(shapes));
  if (warmupSteps + decaySteps > steps) {
    const got = `${warmupSteps} + ${decaySteps} and ${steps}`;
    throw new Error(`${name}: expected warmupSteps + decaySteps of at most steps, got ${got}`);
  }
  const begin = steps - decaySteps - warmupSteps;
  return afterWarmup(name, options, (count) =>
    tidy(() => mix(shapes[shape](fraction(count, decaySteps, begin)), peakValue, endValue)),
  );
}
