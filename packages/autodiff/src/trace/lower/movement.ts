import { at, range, sameType, showType, sizeOf } from "../../ir/shape.ts";
import type { Shape, Value } from "../../ir/types.ts";
import type { KernelCall } from "./kernel-call.ts";
import type { Family, Lowering } from "./lowering.ts";
import { unify } from "./operands.ts";

/** Kernels that move elements without looking at them. */
export type MovementKernel =
  | "BatchToSpaceND"
  | "BroadcastTo"
  | "Concat"
  | "DepthToSpace"
  | "Diag"
  | "ExpandDims"
  | "FlipLeftRight"
  | "MirrorPad"
  | "Pack"
  | "PadV2"
  | "Reshape"
  | "Reverse"
  | "SpaceToBatchND"
  | "Tile"
  | "Transpose";

const replaceAt = (shape: Shape, axis: number, size: number): number[] =>
  shape.map((d, i) => (i === axis ? size : d));

const insertAt = (shape: Shape, axis: number): number[] => [
  ...shape.slice(0, axis),
  1,
  ...shape.slice(axis),
];

const concat: Lowering = (call) => {
  const xs = unify(call.b, call.list());
  const axis = call.axis("axis", at(xs, 0).type.shape.length, 0);
  return call.b.concatenate(xs, axis);
};

const pack: Lowering = (call) => {
  const { b } = call;
  const given = call.list();
  if (given.some((x) => !sameType(x.type, at(given, 0).type))) {
    const types = given.map((x) => showType(x.type)).join(", ");
    throw call.error(`expected operands of one shape and dtype, got ${types}`);
  }
  const axis = call.axis("axis", at(given, 0).type.shape.length + 1, 0);
  return b.concatenate(
    given.map((x) => b.reshape(x, insertAt(x.type.shape, axis))),
    axis,
  );
};

const depthToSpace: Lowering = (call) => {
  const { b } = call;
  const x = call.input("x");
  const size = call.int("blockSize");
  const channelsLast = call.choice("dataFormat", "NHWC", "NCHW") === "NHWC";
  const [n, p, q, r] = [0, 1, 2, 3].map((i) => at(x.type.shape, i)) as [
    number,
    number,
    number,
    number,
  ];
  if (channelsLast) {
    const depth = r / size ** 2;
    const blocks = b.reshape(x, [n, p, q, size, size, depth]);
    return b.reshape(b.transpose(blocks, [0, 1, 3, 2, 4, 5]), [n, p * size, q * size, depth]);
  }
  const depth = p / size ** 2;
  const blocks = b.reshape(x, [n, size, size, depth, q, r]);
  return b.reshape(b.transpose(blocks, [0, 3, 4, 1, 5, 2]), [n, depth, q * size, r * size]);
};

const diag: Lowering = (call) => {
  const { b } = call;
  const x = call.input("x");
  const size = sizeOf(x.type.shape);
  const index = { shape: [size, size], dtype: "i32" } as const;
  const square = b.broadcastInDim(b.reshape(x, [size]), index.shape, [0]);
  const onDiagonal = b.compare(b.iota(index, 0), "EQ", b.iota(index, 1));
  const matrix = b.select(onDiagonal, square, b.zeros(square.type));
  return b.reshape(matrix, [...x.type.shape, ...x.type.shape]);
};

// `reflect` leaves the edge itself out of the mirror image, `symmetric` repeats it.
const mirrorPad: Lowering = (call) => {
  const { b } = call;
  const edge = call.choice("mode", "reflect", "symmetric") === "reflect" ? 1 : 0;
  return call.pairs("paddings").reduce((x, [low, high], axis) => {
    const size = at(x.type.shape, axis);
    const mirrored = (from: number, to: number): Value => {
      const start = x.type.shape.map((_, i) => (i === axis ? from : 0));
      return b.reverse(b.slice(x, start, replaceAt(x.type.shape, axis, to)), [axis]);
    };
    const before = low > 0 ? [mirrored(edge, edge + low)] : [];
    const after = high > 0 ? [mirrored(size - edge - high, size - edge)] : [];
    return b.concatenate([...before, x, ...after], axis);
  }, call.input("x"));
};

const padWith = (
  call: KernelCall,
  x: Value,
  pads: readonly (readonly [number, number])[],
  value: number,
) => {
  const filler = call.b.fill({ shape: [], dtype: x.type.dtype }, value);
  const [low, high] = [pads.map(([l]) => l), pads.map(([, h]) => h)];
  return call.b.pad(
    x,
    low,
    high,
    low.map(() => 0),
    filler,
  );
};

const tile: Lowering = (call) => {
  const { b } = call;
  const x = call.input("x");
  const { shape } = x.type;
  const reps = call.numbers("reps");
  if (reps.length !== shape.length) {
    throw call.error(`expected ${shape.length} repetitions, got [${reps}] (input [${shape}])`);
  }
  const target = shape.map((d, i) => d * at(reps, i));
  // An axis of size 1 stretches; the others get a new axis to repeat along.
  const stretched = range(shape.length).map((i) => shape[i] === 1 || reps[i] === 1);
  const pieces = range(shape.length).map((i) =>
    stretched[i] ? [at(target, i)] : [at(reps, i), at(shape, i)],
  );
  const ends = pieces.map((_, i) => pieces.slice(0, i + 1).flat().length - 1);
  return b.reshape(b.broadcastInDim(x, pieces.flat(), ends), target);
};

const spaceToBatch: Lowering = (call) => {
  const { b } = call;
  const x = call.input("x");
  const block = call.numbers("blockShape");
  const rest = x.type.shape.slice(1 + block.length).map(() => [0, 0] as const);
  const padded = padWith(call, x, [[0, 0], ...call.pairs("paddings"), ...rest], 0);
  const [batch = 0, ...sizes] = padded.type.shape;
  const spatial = sizes.slice(0, block.length).map((d, i) => d / at(block, i));
  const inner = sizes.slice(block.length);
  const split = b.reshape(padded, [
    batch,
    ...spatial.flatMap((d, i) => [d, at(block, i)]),
    ...inner,
  ]);
  const blocks = block.map((_, i) => 2 * i + 2);
  const outer = block.map((_, i) => 2 * i + 1);
  const tail = inner.map((_, i) => 2 * block.length + 1 + i);
  const moved = b.transpose(split, [...blocks, 0, ...outer, ...tail]);
  return b.reshape(moved, [batch * sizeOf(block), ...spatial, ...inner]);
};

const batchToSpace: Lowering = (call) => {
  const { b } = call;
  const x = call.input("x");
  const block = call.numbers("blockShape");
  const [all = 0, ...sizes] = x.type.shape;
  const batch = all / sizeOf(block);
  const inner = sizes.slice(block.length);
  const count = block.length;
  const split = b.reshape(x, [...block, batch, ...sizes]);
  const woven = range(count).flatMap((i) => [count + 1 + i, i]);
  const tail = inner.map((_, i) => 2 * count + 1 + i);
  const spatial = sizes.slice(0, count).map((d, i) => d * at(block, i));
  const image = b.reshape(b.transpose(split, [count, ...woven, ...tail]), [
    batch,
    ...spatial,
    ...inner,
  ]);
  const crops = call.pairs("crops");
  const start = [0, ...crops.map(([low]) => low), ...inner.map(() => 0)];
  const limit = [batch, ...spatial.map((d, i) => d - at(crops, i)[1]), ...inner];
  return b.slice(image, start, limit);
};

/** Lowerings of movement. */
export const movement: Family<MovementKernel> = {
  BatchToSpaceND: batchToSpace,
  BroadcastTo: (call) => call.b.broadcastTo(call.input("x"), call.numbers("shape")),
  Concat: concat,
  DepthToSpace: depthToSpace,
  Diag: diag,
  ExpandDims: (call) => {
    const x = call.input("input");
    const { shape } = x.type;
    return call.b.reshape(x, insertAt(shape, call.axis("dim", shape.length + 1, 0)));
  },
  FlipLeftRight: (call) => call.b.reverse(call.input("image"), [2]),
  MirrorPad: mirrorPad,
  Pack: pack,
  PadV2: (call) =>
    padWith(call, call.input("x"), call.pairs("paddings"), call.number("constantValue", 0)),
  Reshape: (call) => {
    const x = call.input("x");
    return call.b.reshape(x, call.shape("shape", sizeOf(x.type.shape)));
  },
  Reverse: (call) => {
    const x = call.input("x");
    return call.b.reverse(x, call.axes("dims", x.type.shape.length));
  },
  SpaceToBatchND: spaceToBatch,
  Tile: tile,
  Transpose: (call) => {
    const x = call.input("x");
    const reversed = range(x.type.shape.length).reverse();
    return call.b.transpose(x, call.optionalNumbers("perm") ?? reversed);
  },
};
