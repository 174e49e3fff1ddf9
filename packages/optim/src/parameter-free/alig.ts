import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkRange } from "../core/check.ts";
import type { ValueExtra } from "../core/extras.ts";
import { scale } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import { type TraceState, trace } from "../momentum/trace.ts";
import { scaleByPolyak } from "./polyak.ts";

/** Options of {@link alig}. */
export interface AligOptions {
  /** The largest step size, the only one to tune. */
  readonly maxLearningRate: Hyperparameter;
  /** Nesterov's momentum, in [0, 1). Default 0.9. */
  readonly momentum?: Hyperparameter | undefined;
  /** Added to the squared norm of the gradient. Default 1e-5. */
  readonly eps?: Hyperparameter | undefined;
}

/**
 * ALI-G, for models that can fit all their data: Polyak's step size with fMin = 0 inside Nesterov's
 * velocity. γ = min(f / (‖g‖² + eps), η), v ← μ v − γ g, θ ← θ − γ g + μ v.
 *
 * `update` needs the loss, `{ value }`, without regularization.
 * Reference: Berrada, Zisserman and Kumar, 2020, https://arxiv.org/abs/1906.05661.
 *
 * @example
 * ```ts
 * import { alig } from "@layerwise/optim";
 *
 * const optimizer = alig({ maxLearningRate: 0.1 });
 * ```
 */
export function alig({
  maxLearningRate,
  momentum = 0.9,
  eps = 1e-5,
}: AligOptions): GradientTransformation<readonly [EmptyState, TraceState, EmptyState], ValueExtra> {
  checkRange("alig: momentum", momentum, 0, 1);
  return chain(
    scaleByPolyak({ maxLearningRate, eps }),
    trace({ decay: momentum, nesterov: true }),
    scale(-1),
  );
}
