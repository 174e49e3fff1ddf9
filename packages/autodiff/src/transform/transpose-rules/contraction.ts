import type { Builder } from "../../ir/builder.ts";
import { at, complement, invert, range } from "../../ir/shape.ts";
import type { ContractionOp, DotDims, Value } from "../../ir/types.ts";
import { given } from "../tangent.ts";
import type { TransposeArgs, TransposeRule } from "../types.ts";
import { convolutionLhs, convolutionRhs } from "./convolution.ts";

type Contraction = ContractionOp;

interface Side {
  readonly rank: number;
  readonly batch: readonly number[];
  readonly contracting: readonly number[];
}

const free = (side: Side): number[] => complement(side.rank, [...side.batch, ...side.contracting]);

/**
 * The cotangent of one operand of a dot product: the result's cotangent contracted with the other
 * operand over the other's free axes, which lie at `otherAxes` of the result.
 */
const dotOperand = (
  b: Builder,
  ct: Value,
  other: Value,
  mine: Side,
  theirs: Side,
  otherAxes: readonly number[],
): Value => {
  const product = b.dot(ct, other, {
    lhsBatch: range(mine.batch.length),
    rhsBatch: theirs.batch,
    lhsContracting: otherAxes,
    rhsContracting: free(theirs),
  });
  // The product's axes are [batch…, my free axes…, contracted axes in the other's order…].
  const contracted = range(mine.contracting.length)
    .sort((i, j) => at(theirs.contracting, i) - at(theirs.contracting, j))
    .map((i) => at(mine.contracting, i));
  return b.transpose(product, invert([...mine.batch, ...free(mine), ...contracted]));
};

const dotGeneral = (
  b: Builder,
  { types, linear, attrs, operand, cotangents }: TransposeArgs<"dot_general">,
): (Value | undefined)[] => {
  const side = (i: 0 | 1, batch: readonly number[], contracting: readonly number[]): Side => ({
    rank: at(types, i).shape.length,
    batch,
    contracting,
  });
  const dims: DotDims = attrs;
  const lhs = side(0, dims.lhsBatch, dims.lhsContracting);
  const rhs = side(1, dims.rhsBatch, dims.rhsContracting);
  const ct = given(cotangents);
  const [batch, lhsFree, rhsFree] = [lhs.batch.length, free(lhs).length, free(rhs).length];
  const lhsAxes = range(lhsFree).map((i) => batch + i);
  const rhsAxes = range(rhsFree).map((i) => batch + lhsFree + i);
  return [
    linear[0] ? dotOperand(b, ct, operand(1), lhs, rhs, rhsAxes) : undefined,
    linear[1] ? dotOperand(b, ct, operand(0), rhs, lhs, lhsAxes) : undefined,
  ];
};

const checkOneSide = (op: string, linear: readonly boolean[]): void => {
  if (linear[0] && linear[1]) throw new Error(`transpose: ${op} of two tangents is not linear`);
};

/** Transposes of operations that are linear in each of their two operands. */
export const contraction: { readonly [K in Contraction]: TransposeRule<K> } = {
  dot_general: (b, args) => {
    checkOneSide("dot_general", args.linear);
    return dotGeneral(b, args);
  },
  convolution: (b, args) => {
    checkOneSide("convolution", args.linear);
    return args.linear[0]
      ? [convolutionLhs(b, args), undefined]
      : [undefined, convolutionRhs(b, args)];
  },
};
