import type { Tensor } from "@tensorflow/tfjs-core";
import { add, div, matMul, sqrt, square, sum, tidy } from "@tensorflow/tfjs-core";
import { type Hyperparameter, plus, times } from "../core/arithmetic.ts";
import { checkFinite, checkRange, checkSteps } from "../core/check.ts";

/** The coefficients (a, b, c) of the polynomial a x + b x³ + c x⁵ on singular values. */
export type NewtonSchulzCoefficients = readonly [a: number, b: number, c: number];

/** Options of {@link orthogonalize}. */
export interface OrthogonalizeOptions {
  /** The number of iterations. Default 5. */
  readonly steps?: number | undefined;
  /** The polynomial of all iterations. Default (3.4445, −4.7750, 2.0315). */
  readonly coefficients?: NewtonSchulzCoefficients | undefined;
  /** Added to the Frobenius norm. Default 1e-8. */
  readonly eps?: Hyperparameter | undefined;
}

/** The coefficients with which Muon was published: steepest at 0, not convergent at 1. */
const PUBLISHED: NewtonSchulzCoefficients = [3.4445, -4.775, 2.0315];

/** Throws for options that make no sense. */
export function checkOrthogonalizeOptions(
  name: string,
  { steps = 5, coefficients = PUBLISHED, eps = 1e-8 }: OrthogonalizeOptions,
): void {
  checkSteps(`${name}: steps`, steps);
  for (const coefficient of coefficients) checkFinite(`${name}: coefficients`, coefficient);
  checkRange(`${name}: eps`, eps, 0);
}

/**
 * Sets all singular values of a matrix to about 1: U Σ Vᵀ becomes nearly U Vᵀ.
 *
 * Newton–Schulz iteration X ← a X + b (X Xᵀ) X + c (X Xᵀ)² X from X = M / (‖M‖ + eps), with products
 * over the shorter side. The default coefficients bring singular values to [0.7, 1.2] in five
 * iterations and no nearer; (15/8, −5/4, 3/8) converge to 1 but need more. Leading axes are a batch.
 * Reference: Jordan et al., 2024, https://kellerjordan.github.io/posts/muon.
 *
 * @example
 * ```ts
 * import { orthogonalize } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const coefficients = [15 / 8, -5 / 4, 3 / 8] as const;
 * const q = orthogonalize(tf.tensor2d([3, 0, 0, -2], [2, 2]), { steps: 10, coefficients });
 * if (Math.abs((q.dataSync()[3] ?? 0) + 1) > 1e-5) throw new Error(`${q}`);
 * ```
 */
export function orthogonalize(x: Tensor, options: OrthogonalizeOptions = {}): Tensor {
  checkOrthogonalizeOptions("orthogonalize", options);
  const { steps = 5, coefficients = PUBLISHED, eps = 1e-8 } = options;
  const [rows, columns] = x.shape.slice(-2);
  if (rows === undefined || columns === undefined) {
    throw new Error(`orthogonalize: expected a matrix, got shape [${x.shape}]`);
  }
  const [a, b, c] = coefficients;
  const tall = rows > columns;
  return tidy(() => {
    let y = div(x, plus(sqrt(sum(square(x), [-2, -1], true)), eps));
    for (let i = 0; i < steps; i++) {
      const gram = matMul(y, y, tall, !tall);
      const correction = add(times(gram, b), times(matMul(gram, gram), c));
      const product = tall ? matMul(y, correction) : matMul(correction, y);
      y = add(times(y, a), product);
    }
    return y;
  });
}
