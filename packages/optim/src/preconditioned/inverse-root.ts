import { constant, scan } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  div,
  eye,
  matMul,
  maximum,
  mul,
  pow,
  sqrt,
  square,
  sub,
  sum,
  tidy,
} from "@tensorflow/tfjs-core";
import { times } from "../core/arithmetic.ts";

/** x^exponent for a matrix and a positive whole number, by squaring. */
function matrixPower(x: Tensor, exponent: number): Tensor {
  if (exponent === 1) return x;
  const half = matrixPower(x, Math.floor(exponent / 2));
  const squared = matMul(half, half);
  return exponent % 2 === 0 ? squared : matMul(squared, x);
}

/**
 * (A + r ‖A‖ I)^(−1/p) of a symmetric positive semidefinite matrix, by matrix products alone.
 *
 * Coupled Newton iteration: from M = z A, X = z^(1/p) I it repeats T = ((1 + p) I − M) / p,
 * X ← X T, M ← Tᵖ M until M = I. An eigenvalue of M far below 1 grows by (1 + 1/p)ᵖ at each step, so the
 * number of steps that the smallest possible one, r, needs is known in advance. The ridge r also keeps
 * roundings of a float32 matrix from making eigenvalues negative, from which the iteration diverges.
 * Reference: Iannazzo, 2006, https://doi.org/10.1137/050624790; Guo and Higham, 2006,
 * https://doi.org/10.1137/050643374.
 */
export function inverseRoot(matrix: Tensor, p: number, ridge: number): Tensor {
  const size = matrix.shape[0] ?? 1;
  // Five more for the quadratic end: an error of 1/3 squares to 1e-15 in five steps.
  const steps = Math.ceil(Math.log(1 / ridge) / (p * Math.log1p(1 / p))) + 5;
  return tidy(() => {
    const identity = eye(size);
    const norm = maximum(sqrt(sum(square(matrix))), constant(1e-30));
    const damped = add(matrix, mul(times(norm, ridge), identity));
    // Puts all eigenvalues in (0, (1 + p) / 2]; those below 1 + p converge.
    const z = div(constant((1 + p) / (2 * (1 + ridge))), norm);
    const x0 = mul(pow(z, constant(1 / p)), identity);
    const shifted = times(identity, 1 + p);
    const { carry } = scan(
      ({ m, x }: { readonly m: Tensor; readonly x: Tensor }) => {
        const t = times(sub(shifted, m), 1 / p);
        return { carry: { m: matMul(matrixPower(t, p), m), x: matMul(x, t) }, y: null };
      },
      { m: mul(damped, z), x: x0 },
      null,
      { length: steps },
    );
    return carry.x;
  });
}
