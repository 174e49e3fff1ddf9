import type * as tf from "@tensorflow/tfjs-core";
import { range } from "../ir/shape.ts";
import type { Selected } from "./argnums.ts";
import { FIRST, type GradOptions, grad } from "./grad.ts";
import { type Jacobian, jacfwd, jacrev } from "./jacobian.ts";
import { inTrace } from "./run.ts";
import { jvp } from "./vjp.ts";

/**
 * All second derivatives of `fn` by argument `argnums`, as the forward Jacobian of its reverse Jacobian:
 * `[...out, ...in, ...in]`, for a scalar function of a vector the Hessian matrix. For products with
 * vectors {@link hvp} needs no matrix.
 *
 * @example
 * ```ts
 * import { hessian } from "@layerwise/autodiff";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const f = (x: tf.Tensor) => tf.prod(x);
 * const h = hessian(f)(tf.tensor1d([2, 3])); // of x y
 * if (`${h.arraySync()}` !== "0,1,1,0") throw new Error(`${h}`);
 * ```
 */
export function hessian<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
): (...args: A) => Jacobian<Jacobian<R, A[0]>, A[0]>;
export function hessian<
  A extends readonly unknown[],
  R,
  const N extends number | readonly number[],
>(
  fn: (...args: A) => R,
  options: GradOptions<N>,
): (...args: A) => Jacobian<Jacobian<R, Selected<A, N>>, Selected<A, N>>;
export function hessian<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
  options: GradOptions<number | readonly number[]> = FIRST,
): (...args: A) => unknown {
  return jacfwd(jacrev(fn, options), options);
}

/**
 * The product of the Hessian of a scalar function with a vector, H·v, by differentiating the gradient
 * in the direction of `tangents` (Pearlmutter 1994). Costs a few evaluations of `fn`, whatever the
 * number of parameters.
 *
 * `primals` and `tangents` are lists of all arguments; the result is such a list too.
 *
 * @example
 * ```ts
 * import { hvp } from "@layerwise/autodiff";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const cube = (x: tf.Tensor) => tf.sum(tf.mul(x, tf.square(x)));
 * const [hv] = hvp(cube, [tf.tensor1d([1, 2])], [tf.tensor1d([1, 10])]); // 6 x v
 * if (`${hv.arraySync()}` !== "6,120") throw new Error(`${hv}`);
 * ```
 */
export function hvp<A extends readonly unknown[]>(
  fn: (...args: A) => tf.Tensor,
  primals: A,
  tangents: A,
): A {
  const gradient = grad(fn, { argnums: range(primals.length) });
  return inTrace(
    (p: A, t: A) => jvp(gradient as (...args: A) => unknown, p, t).tangent as A,
    primals,
    tangents,
  );
}
