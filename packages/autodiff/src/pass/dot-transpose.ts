import type { Builder } from "../ir/builder.ts";
import { at, complement, range } from "../ir/shape.ts";
import type { DotDims, NodeOf, Value } from "../ir/types.ts";

/** Free axes of both operands, in the order in which the result has them. */
const freeAxes = (inputs: readonly Value[], dims: DotDims) => {
  const [x, y] = [at(inputs, 0), at(inputs, 1)];
  return {
    lhs: complement(x.type.shape.length, [...dims.lhsBatch, ...dims.lhsContracting]),
    rhs: complement(y.type.shape.length, [...dims.rhsBatch, ...dims.rhsContracting]),
  };
};

const ascending = (list: readonly number[]): boolean =>
  list.every((n, i) => i === 0 || n > at(list, i - 1));

/** The untransposed operand, if naming its axes anew says the same product. */
function untransposed(v: Value, free: readonly number[]) {
  if (v.producer?.op !== "transpose") return undefined;
  const { permutation } = v.producer.attrs;
  const moved = (axes: readonly number[]): number[] => axes.map((i) => at(permutation, i));
  // The result lists free axes in the operand's order, so that order must survive.
  return ascending(moved(free)) ? { value: at(v.producer.inputs, 0), moved } : undefined;
}

/** Lets products read transposed operands in place. */
export const simplifyDot = {
  /** dot(xᵀ, y) and dot(x, yᵀ) as products of x and y with renamed axes. */
  operands(b: Builder, inputs: readonly Value[], dims: DotDims): Value | undefined {
    const free = freeAxes(inputs, dims);
    const x = untransposed(at(inputs, 0), free.lhs);
    const y = untransposed(at(inputs, 1), free.rhs);
    if (x === undefined && y === undefined) return undefined;
    return b.dot(x?.value ?? at(inputs, 0), y?.value ?? at(inputs, 1), {
      lhsBatch: x?.moved(dims.lhsBatch) ?? dims.lhsBatch,
      lhsContracting: x?.moved(dims.lhsContracting) ?? dims.lhsContracting,
      rhsBatch: y?.moved(dims.rhsBatch) ?? dims.rhsBatch,
      rhsContracting: y?.moved(dims.rhsContracting) ?? dims.rhsContracting,
    });
  },
  /** (x·y)ᵀ as y·x, where the transposition just swaps the free axes of the two operands. */
  transposed(
    b: Builder,
    dot: NodeOf<"dot_general">,
    permutation: readonly number[],
  ): Value | undefined {
    const dims = dot.attrs;
    const free = freeAxes(dot.inputs, dims);
    const [batch, lhs, rhs] = [dims.lhsBatch.length, free.lhs.length, free.rhs.length];
    const swapped = [
      ...range(batch),
      ...range(rhs).map((i) => batch + lhs + i),
      ...range(lhs).map((i) => batch + i),
    ];
    if (!permutation.every((p, i) => p === swapped[i])) return undefined;
    return b.dot(at(dot.inputs, 1), at(dot.inputs, 0), {
      lhsBatch: dims.rhsBatch,
      lhsContracting: dims.rhsContracting,
      rhsBatch: dims.lhsBatch,
      rhsContracting: dims.lhsContracting,
    });
  },
};
