import type { Tensor } from "@tensorflow/tfjs-core";
import { div, maximum, minimum, tidy } from "@tensorflow/tfjs-core";
import { type Hyperparameter, plus } from "../core/arithmetic.ts";

/** Options of clipping by a norm. */
export interface NormClipOptions {
  /**
   * Default 0: factor maxNorm / max(‖g‖, maxNorm), which leaves gradients below the limit bitwise
   * alone (optax, Keras). PyTorch's `clip_grad_norm_` is 1e-6: min(1, maxNorm / (‖g‖ + eps)).
   */
  readonly eps?: Hyperparameter | undefined;
}

/** What to multiply a gradient of a norm with; 1 for zero gradients. */
export function clippingFactor(norm: Tensor, maxNorm: Tensor, eps: Hyperparameter): Tensor {
  return tidy(() =>
    eps === 0 ? div(maxNorm, maximum(norm, maxNorm)) : minimum(div(maxNorm, plus(norm, eps)), 1),
  );
}
