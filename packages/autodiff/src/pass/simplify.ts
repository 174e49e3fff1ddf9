import type { Builder } from "../ir/builder.ts";
import { at, complement, range, sameShape } from "../ir/shape.ts";
import type { NodeOf, OpAttrs, OpName, Value } from "../ir/types.ts";
import { simplifyDot } from "./dot-transpose.ts";
import { splatOf } from "./fold.ts";

/**
 * A cheaper value for an operation, or undefined where there is none. `onlyUse`: nobody else reads the
 * first operand, so that it need not be computed besides.
 */
type Rule<K extends OpName> = (
  b: Builder,
  inputs: readonly Value[],
  attrs: OpAttrs[K],
  onlyUse: boolean,
) => Value | undefined;

/** The node behind a value if it is a given operation. */
export const producedBy = <K extends OpName>(v: Value, op: K): NodeOf<K> | undefined =>
  v.producer?.op === op ? (v.producer as unknown as NodeOf<K>) : undefined;

const isSplat = (v: Value, number: number): boolean => splatOf(v) === number;

const identityRight =
  (neutral: number) =>
  (_: Builder, inputs: readonly Value[]): Value | undefined =>
    isSplat(at(inputs, 1), neutral) ? at(inputs, 0) : undefined;

const identityEither =
  (neutral: number) =>
  (_: Builder, inputs: readonly Value[]): Value | undefined => {
    const [x, y] = [at(inputs, 0), at(inputs, 1)];
    if (isSplat(y, neutral)) return x;
    return isSplat(x, neutral) ? y : undefined;
  };

const involution =
  (op: "negate" | "not") =>
  (_: Builder, inputs: readonly Value[]): Value | undefined =>
    producedBy(at(inputs, 0), op)?.inputs[0];

/** Algebra that holds for every operand, up to the sign of zero. Nothing here reorders a sum. */
export const simplifications: { readonly [K in OpName]?: Rule<K> } = {
  add: identityEither(0),
  multiply: identityEither(1),
  subtract: identityRight(0),
  divide: identityRight(1),
  power: identityRight(1),
  negate: involution("negate"),
  not: involution("not"),
  // Derivatives have been taken by the time a graph is optimized.
  stop_gradient: (_, [x]) => x,
  convert: (_, [x], { dtype }) => (x?.type.dtype === dtype ? x : undefined),
  bitcast_convert: (b, [x], { dtype }) => {
    const inner = x && producedBy(x, "bitcast_convert");
    return inner && b.bitcast(at(inner.inputs, 0), dtype);
  },
  select: (_, [predicate, onTrue, onFalse]) => {
    if (onTrue === onFalse) return onTrue;
    const known = predicate && splatOf(predicate);
    if (known === undefined) return undefined;
    return known ? onTrue : onFalse;
  },
  reshape: (b, [x], { shape }) => {
    if (x === undefined) return undefined;
    if (sameShape(x.type.shape, shape)) return x;
    const inner = producedBy(x, "reshape");
    return inner && b.reshape(at(inner.inputs, 0), shape);
  },
  transpose: (b, [x], { permutation }, onlyUse) => {
    if (x === undefined) return undefined;
    if (permutation.every((p, i) => p === i)) return x;
    const inner = producedBy(x, "transpose");
    if (inner !== undefined) {
      const composed = permutation.map((p) => at(inner.attrs.permutation, p));
      return b.transpose(at(inner.inputs, 0), composed);
    }
    const dot = producedBy(x, "dot_general");
    return dot && onlyUse ? simplifyDot.transposed(b, dot, permutation) : undefined;
  },
  broadcast_in_dim: (b, [x], { shape, dimensions }) => {
    if (x === undefined) return undefined;
    if (sameShape(x.type.shape, shape)) return x;
    const inner = producedBy(x, "broadcast_in_dim");
    if (inner === undefined) return undefined;
    const composed = inner.attrs.dimensions.map((d) => at(dimensions, d));
    return b.broadcastInDim(at(inner.inputs, 0), shape, composed);
  },
  reverse: (_, [x], { dimensions }) => (dimensions.length === 0 ? x : undefined),
  slice: (_, [x], { start, limit, strides }) => {
    const all = x?.type.shape.every((d, i) => start[i] === 0 && limit[i] === d && strides[i] === 1);
    return all ? x : undefined;
  },
  pad: (_, [x], { low, high, interior }) =>
    [...low, ...high, ...interior].every((n) => n === 0) ? x : undefined,
  concatenate: (_, inputs) => (inputs.length === 1 ? inputs[0] : undefined),
  reduce: (b, [x], { dimensions, monoid }, onlyUse) => {
    if (x === undefined) return undefined;
    const { shape } = x.type;
    if (dimensions.every((d) => shape[d] === 1)) {
      return b.reshape(
        x,
        complement(shape.length, dimensions).map((i) => at(shape, i)),
      );
    }
    // reduce(reduce(x)) over other axes is one reduction.
    const inner = producedBy(x, "reduce");
    if (inner === undefined || inner.attrs.monoid !== monoid || !onlyUse) return undefined;
    const source = at(inner.inputs, 0);
    const kept = complement(source.type.shape.length, inner.attrs.dimensions);
    const outer = dimensions.map((d) => at(kept, d));
    const all = range(source.type.shape.length).filter(
      (i) => inner.attrs.dimensions.includes(i) || outer.includes(i),
    );
    return b.reduce(source, monoid, all);
  },
  dot_general: simplifyDot.operands,
};
