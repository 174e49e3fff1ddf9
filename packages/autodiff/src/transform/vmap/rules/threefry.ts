import type { Builder } from "../../../ir/builder.ts";
import { at } from "../../../ir/shape.ts";
import type { Value } from "../../../ir/types.ts";
import { everyBatched, exampleShape, stacked } from "../stack.ts";
import type { BatchArgs, BatchRule } from "../types.ts";

const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;
const PARITY = 0x1bd11bda;

const rotateLeft = (b: Builder, x: Value, bits: number): Value => {
  const left = b.map("shift_left", x, b.fill(x.type, bits));
  return b.map("or", left, b.map("shift_right_logical", x, b.fill(x.type, 32 - bits)));
};

/** The rounds written out, because the operation itself takes one key only. */
const written = (b: Builder, keys: readonly [Value, Value], x0: Value, x1: Value): Value[] => {
  const type = x0.type;
  const parity = b.map("xor", b.map("xor", keys[0], keys[1]), b.fill(type, PARITY));
  const schedule = [keys[0], keys[1], parity];
  let [y0, y1] = [b.add(x0, keys[0]), b.add(x1, keys[1])];
  for (let group = 0; group < 5; group++) {
    for (const bits of at(ROTATIONS, group % 2)) {
      y0 = b.add(y0, y1);
      y1 = b.map("xor", rotateLeft(b, y1, bits), y0);
    }
    y0 = b.add(y0, at(schedule, (group + 1) % 3));
    y1 = b.shift(b.add(y1, at(schedule, (group + 2) % 3)), group + 1);
  }
  return [y0, y1];
};

const perKey = (b: Builder, args: BatchArgs<"threefry2x32">): Value[] => {
  const { inputs, size } = args;
  const shape = [size, ...exampleShape(args, 1)];
  const word = (i: number): Value => {
    const column = b.slice(at(inputs, 0), [0, i], [size, i + 1]);
    return b.broadcastInDim(b.reshape(column, [size]), shape, [0]);
  };
  return written(b, [word(0), word(1)], stacked(b, args, 1), stacked(b, args, 2));
};

/** Batching of the random generator: with one key there are just more counters. */
export const threefry: BatchRule<"threefry2x32"> = (b, args) => {
  if (args.batched[0]) return everyBatched(perKey(b, args));
  const counters = [stacked(b, args, 1), stacked(b, args, 2)];
  return everyBatched(b.emit("threefry2x32", [at(args.inputs, 0), ...counters], {}));
};
