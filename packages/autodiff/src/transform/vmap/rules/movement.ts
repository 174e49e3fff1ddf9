import type { Builder } from "../../../ir/builder.ts";
import { at } from "../../../ir/shape.ts";
import type { MovementOp, Value } from "../../../ir/types.ts";
import { allStacked, everyBatched, shifted, stacked } from "../stack.ts";
import type { BatchArgs, BatchRule } from "../types.ts";

type Movement = MovementOp;

// One operand, hence batched.
const one = (value: Value) => everyBatched([value]);

const noOperands = (): never => {
  throw new Error("vmap: an operation without operands is never batched");
};

/** Padding values that differ between examples: the padded places are found with a mask. */
const padEach = (b: Builder, args: BatchArgs<"pad">): Value => {
  const [x, value] = [stacked(b, args, 0), at(args.inputs, 1)];
  const { low, high, interior } = args.attrs;
  const wide = [
    [0, ...low],
    [0, ...high],
    [0, ...interior],
  ] as const;
  const inside = b.pad(b.fill({ shape: x.type.shape, dtype: "bool" }, 1), ...wide);
  const padded = b.pad(x, ...wide);
  return b.select(inside, padded, b.broadcastInDim(value, padded.type.shape, [0]));
};

/** Batching of operations that move elements. */
export const movement: { readonly [K in Movement]: BatchRule<K> } = {
  constant: noOperands,
  iota: noOperands,
  broadcast_in_dim: (b, { inputs, attrs, size }) =>
    one(b.broadcastInDim(at(inputs, 0), [size, ...attrs.shape], [0, ...shifted(attrs.dimensions)])),
  reshape: (b, { inputs, attrs, size }) => one(b.reshape(at(inputs, 0), [size, ...attrs.shape])),
  transpose: (b, { inputs, attrs }) =>
    one(b.transpose(at(inputs, 0), [0, ...shifted(attrs.permutation)])),
  reverse: (b, { inputs, attrs }) => one(b.reverse(at(inputs, 0), shifted(attrs.dimensions))),
  slice: (b, { inputs, attrs, size }) =>
    one(b.slice(at(inputs, 0), [0, ...attrs.start], [size, ...attrs.limit], [1, ...attrs.strides])),
  pad: (b, args) => {
    if (args.batched[1]) return one(padEach(b, args));
    const { low, high, interior } = args.attrs;
    return one(
      b.pad(at(args.inputs, 0), [0, ...low], [0, ...high], [0, ...interior], at(args.inputs, 1)),
    );
  },
  concatenate: (b, args) => one(b.concatenate(allStacked(b, args), args.attrs.dimension + 1)),
};
