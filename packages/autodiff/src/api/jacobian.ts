import type * as tf from "@tensorflow/tfjs-core";
import { type Builder, buildGraph } from "../ir/builder.ts";
import { at, isFloat, range, sizeOf } from "../ir/shape.ts";
import type { Graph, Shape, TensorType, Value } from "../ir/types.ts";
import { requirePure } from "../trace/custom-vjp.ts";
import type { Session } from "../trace/session.ts";
import { jvpInto, linearizeGraph, transposeInto } from "../transform/index.ts";
import { fromFront, vmapInto } from "../transform/vmap/index.ts";
import { type MapTree, treeUnflatten } from "../tree/index.ts";
import { differentiated, type Selected, select } from "./argnums.ts";
import { FIRST, type GradOptions } from "./grad.ts";
import { type Recorded, record } from "./record.ts";
import { inTrace, session } from "./run.ts";

/** The tree of a result in which every leaf is the tree of the arguments it was differentiated by. */
export type Jacobian<R, S> = MapTree<R, tf.Tensor, MapTree<S, tf.Tensor, tf.Tensor>>;

type Numbers = number | readonly number[];

/** One derivative [...out, ...in] per result leaf and input leaf; `undefined` where it is zero. */
type Blocks = (output: number, input: number) => Value | undefined;

type Mode = (s: Session, recorded: Recorded, wrt: readonly boolean[]) => Blocks;

/** All unit vectors of a shape, stacked on axis 0. */
const basis = (b: Builder, { shape, dtype }: TensorType): Value => {
  const n = sizeOf(shape);
  const square = { shape: [n, n], dtype: "i32" } as const;
  const eye = b.compare(b.iota(square, 0), "EQ", b.iota(square, 1));
  return b.reshape(b.convert(eye, dtype), [n, ...shape]);
};

const typesOf = (values: readonly Value[]): TensorType[] => values.map((v) => v.type);

/** One forward derivative per input element, all at once. */
const forward: Mode = ({ frame }, { graph, captures, inputs }, wrt) => {
  const operands = [...captures, ...inputs];
  const columns = operands.map((x, i) => {
    if (!wrt[i] || sizeOf(x.type.shape) === 0) return [];
    let present: boolean[] = [];
    const derivative = buildGraph([...typesOf(operands), x.type], (b, values) => {
      const tangents = operands.map((_, k) => (k === i ? values[operands.length] : undefined));
      const dual = jvpInto(b, graph, values.slice(0, operands.length), tangents);
      present = dual.tangents.map((t) => t !== undefined);
      return dual.tangents.filter((t) => t !== undefined);
    });
    const seeds = basis(frame, x.type);
    const mask = [...operands.map(() => false), true];
    const size = at(seeds.type.shape, 0);
    const found = vmapInto(frame, derivative, [...operands, seeds], mask, size);
    let next = 0;
    return present.map((here) => {
      if (!here) return undefined;
      const k = next++;
      return found.batched[k] ? at(found.outputs, k) : undefined;
    });
  });
  return (output, input) => {
    const column = columns[captures.length + input]?.[output];
    if (column === undefined) return undefined;
    return fromFront(frame, column, column.type.shape.length - 1);
  };
};

/** The map from cotangents of one result leaf to those of all inputs. */
const rowGraph = (linear: Graph, numResiduals: number, position: number): Graph => {
  const residuals = typesOf(linear.inputs.slice(0, numResiduals));
  const types = [...residuals, at(linear.outputs, position).type];
  const isLinear = linear.inputs.map((_, i) => i >= numResiduals);
  return buildGraph(types, (b, values) => {
    const cotangents = linear.outputs.map((_, i) =>
      i === position ? values[numResiduals] : undefined,
    );
    const found = transposeInto(b, linear, isLinear, values.slice(0, numResiduals), cotangents);
    return linear.inputs
      .slice(numResiduals)
      .map((v, i) => found[numResiduals + i] ?? b.zeros(v.type));
  });
};

/** One reverse derivative per result element, all at once. */
const reverse: Mode = ({ frame }, { graph, captures, inputs, output }, wrt) => {
  const { primal, linear, numResiduals } = linearizeGraph(graph, wrt);
  const found = frame.inline(primal, [...captures, ...inputs]);
  const residuals = found.slice(graph.outputs.length);
  const floats = range(output.leafCount).filter((i) => isFloat(at(graph.outputs, i).type.dtype));
  const chosen = range(inputs.length).filter((i) => wrt[captures.length + i]);
  const rows = floats.map((i, position) => {
    const { type } = at(graph.outputs, i);
    if (sizeOf(type.shape) === 0) return undefined;
    const seeds = basis(frame, type);
    const mask = [...residuals.map(() => false), true];
    const row = rowGraph(linear, numResiduals, position);
    return vmapInto(frame, row, [...residuals, seeds], mask, at(seeds.type.shape, 0));
  });
  return (out, input) => {
    const row = rows[floats.indexOf(out)];
    const k = chosen.indexOf(input);
    return row?.batched[k] ? at(row.outputs, k) : undefined;
  };
};

const jacobian =
  <A extends readonly unknown[], R, N extends Numbers>(
    name: string,
    mode: Mode,
    fn: (...args: A) => R,
    options: GradOptions<N>,
  ): ((...args: A) => Jacobian<R, Selected<A, N>>) =>
  (...args) => {
    const traced = (...inner: A): Jacobian<R, Selected<A, N>> => {
      const s = session();
      const { argnums } = options;
      const recorded = record(s, fn, inner);
      requirePure(name, recorded);
      const blocks = mode(s, recorded, differentiated(name, recorded, inner, argnums));
      const { graph, inputs, output } = recorded;
      const block = (o: number, i: number): tf.Tensor => {
        const outer: Shape = at(graph.outputs, o).type.shape;
        const shape = [...outer, ...at(inputs, i).type.shape];
        const found = blocks(o, i);
        const value = found ?? s.frame.zeros({ shape, dtype: "f32" });
        return s.wrap(s.frame.reshape(value, shape));
      };
      const trees = range(output.leafCount).map((o) => select(inner, argnums, (i) => block(o, i)));
      return treeUnflatten(output, trees) as Jacobian<R, Selected<A, N>>;
    };
    return inTrace(traced, ...args);
  };

/**
 * The Jacobian of `fn` by argument `argnums` in forward mode: one pass per input element, all in one
 * batch. Best where there are fewer inputs than results.
 *
 * For a result leaf of shape `[...out]` and an argument leaf of shape `[...in]` the derivative has shape
 * `[...out, ...in]`: ∂out[o] / ∂in[i] at `[...o, ...i]`. Results and arguments may be trees: the result
 * has the structure of `fn`'s result, and in place of each leaf the structure of the argument (a list
 * of them for a list of positions). Integer leaves have zero derivatives.
 *
 * @example
 * ```ts
 * import { jacfwd } from "@layerwise/autodiff";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const polar = (p: tf.Tensor) => {
 *   const [r, angle] = tf.unstack(p) as [tf.Tensor, tf.Tensor];
 *   return tf.stack([tf.mul(r, tf.cos(angle)), tf.mul(r, tf.sin(angle))]);
 * };
 * const j = jacfwd(polar)(tf.tensor1d([2, 0])); // [[cos, -r sin], [sin, r cos]]
 * if (`${j.arraySync()}` !== "1,0,0,2") throw new Error(`${j}`);
 * ```
 */
export function jacfwd<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
): (...args: A) => Jacobian<R, A[0]>;
export function jacfwd<A extends readonly unknown[], R, const N extends Numbers>(
  fn: (...args: A) => R,
  options: GradOptions<N>,
): (...args: A) => Jacobian<R, Selected<A, N>>;
export function jacfwd<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
  options: GradOptions<Numbers> = FIRST,
): (...args: A) => unknown {
  return jacobian("jacfwd", forward, fn, options);
}

/**
 * The Jacobian of `fn` by argument `argnums` in reverse mode: one pass per result element, all in one
 * batch. Best where there are fewer results than inputs. Shapes and trees as for {@link jacfwd}.
 *
 * @example
 * ```ts
 * import { jacrev } from "@layerwise/autodiff";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = (p: { w: tf.Tensor; b: tf.Tensor }) => tf.add(tf.dot(p.w, [1, 2]), p.b);
 * const j = jacrev(layer)({ w: tf.zeros([3, 2]), b: tf.zeros([3]) });
 * if (`${j.w.shape} ${j.b.shape}` !== "3,3,2 3,3") throw new Error(`${j.w.shape}`);
 * ```
 */
export function jacrev<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
): (...args: A) => Jacobian<R, A[0]>;
export function jacrev<A extends readonly unknown[], R, const N extends Numbers>(
  fn: (...args: A) => R,
  options: GradOptions<N>,
): (...args: A) => Jacobian<R, Selected<A, N>>;
export function jacrev<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
  options: GradOptions<Numbers> = FIRST,
): (...args: A) => unknown {
  return jacobian("jacrev", reverse, fn, options);
}
