import * as tf from "@tensorflow/tfjs-core";
import { at, isFloat, showType } from "../ir/shape.ts";
import { vjpInto } from "../transform/index.ts";
import { differentiated, type Selected, select } from "./argnums.ts";
import { type Recorded, record, wrapResult } from "./record.ts";
import { inTrace, session } from "./run.ts";

/** Which arguments to differentiate by. */
export interface GradOptions<N extends number | readonly number[]> {
  /** Position or positions of the arguments. Without options: 0. */
  readonly argnums: N;
}

/**
 * What is differentiated by without options. Functions have an overload for it rather than a default
 * for N, which inside `grad(grad(f))` would be inferred from the context.
 */
export const FIRST = { argnums: 0 } as const;

/**
 * Turns a scalar function into the function of its gradient by argument `argnums`.
 *
 * Arguments are trees of float32 tensors (integer leaves get zeros); the gradient has the structure
 * of the chosen argument, or is a list for a list of positions. Nests to any depth: `grad(grad(f))`.
 * Throws when the result of `fn` is no float scalar.
 *
 * @example
 * ```ts
 * import { grad } from "@layerwise/autodiff";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const cube = (x: tf.Tensor) => tf.pow(x, 3) as tf.Scalar;
 * const second = grad(grad(cube))(tf.scalar(2)); // 6x
 * if (Math.abs(second.arraySync() as number - 12) > 1e-4) throw new Error(`${second}`);
 * ```
 */
export function grad<A extends readonly unknown[]>(
  fn: (...args: A) => tf.Tensor,
): (...args: A) => A[0];
export function grad<A extends readonly unknown[], const N extends number | readonly number[]>(
  fn: (...args: A) => tf.Tensor,
  options: GradOptions<N>,
): (...args: A) => Selected<A, N>;
export function grad<A extends readonly unknown[]>(
  fn: (...args: A) => tf.Tensor,
  options: GradOptions<number | readonly number[]> = FIRST,
): (...args: A) => unknown {
  const both = valueAndGrad(fn, options);
  return (...args) => inTrace((...inner: A) => both(...inner).grad, ...args);
}

/**
 * Like {@link grad}, and gives the value of the function too.
 *
 * @example
 * ```ts
 * import { valueAndGrad } from "@layerwise/autodiff";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const loss = (p: { w: tf.Tensor; b: tf.Tensor }) => tf.sum(tf.mul(p.w, p.b));
 * const { value, grad } = valueAndGrad(loss)({ w: tf.tensor1d([1, 2]), b: tf.tensor1d([3, 4]) });
 * if (`${value.arraySync()} ${grad.w.arraySync()}` !== "11 3,4") throw new Error(`${value}`);
 * ```
 */
export function valueAndGrad<A extends readonly unknown[]>(
  fn: (...args: A) => tf.Tensor,
): (...args: A) => { value: tf.Tensor; grad: A[0] };
export function valueAndGrad<
  A extends readonly unknown[],
  const N extends number | readonly number[],
>(
  fn: (...args: A) => tf.Tensor,
  options: GradOptions<N>,
): (...args: A) => { value: tf.Tensor; grad: Selected<A, N> };
export function valueAndGrad<A extends readonly unknown[]>(
  fn: (...args: A) => tf.Tensor,
  options: GradOptions<number | readonly number[]> = FIRST,
): (...args: A) => { value: tf.Tensor; grad: unknown } {
  const withAux = valueAndGradAux((...args: A) => ({ value: fn(...args), aux: null }), options);
  return (...args) =>
    inTrace(
      (...inner: A) => {
        const { value, grad: gradient } = withAux(...inner);
        return { value, grad: gradient };
      },
      ...args,
    );
}

/**
 * Like {@link valueAndGrad} for functions that return `{ value, aux }`: the scalar `value` is
 * differentiated, the tree `aux` (metrics, new state) is passed through.
 *
 * @example
 * ```ts
 * import { valueAndGradAux } from "@layerwise/autodiff";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const f = (x: tf.Tensor) => ({ value: tf.sum(tf.square(x)), aux: { max: tf.max(x) } });
 * const { aux, grad } = valueAndGradAux(f)(tf.tensor1d([1, 3]));
 * if (`${aux.max.arraySync()} ${grad.arraySync()}` !== "3 2,6") throw new Error(`${grad}`);
 * ```
 */
export function valueAndGradAux<A extends readonly unknown[], Aux>(
  fn: (...args: A) => { value: tf.Tensor; aux: Aux },
): (...args: A) => { value: tf.Tensor; aux: Aux; grad: A[0] };
export function valueAndGradAux<
  A extends readonly unknown[],
  Aux,
  const N extends number | readonly number[],
>(
  fn: (...args: A) => { value: tf.Tensor; aux: Aux },
  options: GradOptions<N>,
): (...args: A) => { value: tf.Tensor; aux: Aux; grad: Selected<A, N> };
export function valueAndGradAux<A extends readonly unknown[], Aux>(
  fn: (...args: A) => { value: tf.Tensor; aux: Aux },
  { argnums }: GradOptions<number | readonly number[]> = FIRST,
): (...args: A) => { value: tf.Tensor; aux: Aux; grad: unknown } {
  const traced = (...args: A) => {
    const s = session();
    // The scalar comes first so that its place does not depend on the structure of aux.
    const recorded = record(
      s,
      (...inner: A) => {
        const { value, aux } = fn(...inner);
        if (!(value instanceof tf.Tensor)) {
          throw new Error(
            "grad: expected a function of one scalar tensor as value; use jacrev for trees",
          );
        }
        return [value, aux];
      },
      args,
    );
    const { graph, captures, inputs } = recorded;
    requireScalar(recorded);
    const wrt = differentiated("grad", recorded, args, argnums);
    const { outputs, pullback } = vjpInto(s.frame, graph, [...captures, ...inputs], wrt);
    const one = s.frame.fill(at(outputs, 0).type, 1);
    const cotangents = pullback(outputs.map((_, i) => (i === 0 ? one : undefined)));
    const [value, aux] = wrapResult(s, recorded, outputs) as [tf.Tensor, Aux];
    const leaf = (i: number): tf.Tensor => {
      const at0 = captures.length + i;
      return s.wrap(cotangents[at0] ?? s.frame.zeros(at(inputs, i).type));
    };
    return { value, aux, grad: select(args, argnums, leaf) };
  };
  return (...args) => inTrace(traced, ...args);
}

function requireScalar({ graph }: Recorded): void {
  const { type } = at(graph.outputs, 0);
  if (type.shape.length > 0 || !isFloat(type.dtype)) {
    throw new Error(
      `grad: expected a scalar float32 result, got ${showType(type)}; reduce it first`,
    );
  }
}
