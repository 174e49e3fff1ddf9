import type { Builder } from "../../../ir/builder.ts";
import { at } from "../../../ir/shape.ts";
import type { DotDims, Value } from "../../../ir/types.ts";
import { everyBatched, exampleShape, shifted, toFront } from "../stack.ts";
import type { BatchArgs, BatchRule } from "../types.ts";

/** The batch axis of both operands becomes one more batch axis, in front of the others. */
const both = (b: Builder, { inputs, attrs }: BatchArgs<"dot_general">): Value =>
  b.dot(at(inputs, 0), at(inputs, 1), {
    lhsBatch: [0, ...shifted(attrs.lhsBatch)],
    rhsBatch: [0, ...shifted(attrs.rhsBatch)],
    lhsContracting: shifted(attrs.lhsContracting),
    rhsContracting: shifted(attrs.rhsContracting),
  });

/** The batch axis of one operand is a free axis of the product: one larger product, not many small ones. */
const one = (b: Builder, args: BatchArgs<"dot_general">): Value => {
  const { inputs, batched, attrs } = args;
  const dims: DotDims = batched[0]
    ? {
        ...attrs,
        lhsBatch: shifted(attrs.lhsBatch),
        lhsContracting: shifted(attrs.lhsContracting),
      }
    : {
        ...attrs,
        rhsBatch: shifted(attrs.rhsBatch),
        rhsContracting: shifted(attrs.rhsContracting),
      };
  const lhsKept = exampleShape(args, 0).length - attrs.lhsContracting.length;
  const axis = batched[0] ? attrs.lhsBatch.length : lhsKept;
  return toFront(b, b.dot(at(inputs, 0), at(inputs, 1), dims), axis);
};

/** Batching of contractions. */
export const dotGeneral: BatchRule<"dot_general"> = (b, args) =>
  everyBatched([args.batched[0] && args.batched[1] ? both(b, args) : one(b, args)]);
