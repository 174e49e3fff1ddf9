import { type Builder, buildGraph, literal } from "../../src/ir/builder.ts";
import { at, broadcastShapes, range, sizeOf } from "../../src/ir/shape.ts";
import type { BinaryOp, DType, OpName, Shape, UnaryOp, Value } from "../../src/ir/types.ts";

/**
 * What small changes of the operands do: `smooth` operations have all derivatives, `continuous`
 * ones have kinks, others may jump, so that devices that round differently disagree about them.
 */
export type Smoothness = "smooth" | "continuous" | "any";

/** What an emitter may draw on: values made so far and numbers to decide with. */
export interface Draw {
  readonly b: Builder;
  /** Of a dtype, the most recent first when `choose` returns 0. */
  readonly pick: (dtype?: DType) => Value | undefined;
  /** A whole number in [0, n). */
  readonly choose: (n: number) => number;
}

/** Appends an operation to the graph, or nothing where no value fits. */
export type Emit = (draw: Draw) => readonly Value[] | undefined;

const onFloat =
  (emit: (draw: Draw, x: Value) => Value | readonly Value[] | undefined): Emit =>
  (draw) => {
    const x = draw.pick("f32");
    const made = x && emit(draw, x);
    return made && ("type" in made ? [made] : made);
  };

// Into the domains of functions that are not defined everywhere.
const bounded = (b: Builder, x: Value): Value => b.scale(b.map("sine", x), 0.8);
const positive = (b: Builder, x: Value): Value => b.shift(b.mul(x, x), 1.2);

const unary = (op: UnaryOp, into?: (b: Builder, x: Value) => Value): Emit =>
  onFloat(({ b }, x) => b.map(op, into ? into(b, x) : x));

const onPair = (emit: (b: Builder, x: Value, y: Value) => Value, dtype: DType = "f32"): Emit => {
  return ({ b, pick }) => {
    const [x, y] = [pick(dtype), pick(dtype)];
    if (x === undefined || y === undefined) return undefined;
    const shape = commonShape(x.type.shape, y.type.shape);
    if (shape === undefined) return [emit(b, x, x)];
    return [emit(b, b.broadcastTo(x, shape), b.broadcastTo(y, shape))];
  };
};

const commonShape = (x: Shape, y: Shape): Shape | undefined => {
  try {
    return broadcastShapes(x, y);
  } catch {
    return undefined;
  }
};

const onAxis = (
  emit: (b: Builder, x: Value, axis: number, draw: Draw) => Value | readonly Value[] | undefined,
): Emit =>
  onFloat((draw, x) => {
    const rank = x.type.shape.length;
    return rank === 0 ? undefined : emit(draw.b, x, draw.choose(rank), draw);
  });

const indices = ({ b, choose }: Draw, count: number, size: number): Value =>
  b.constant(
    { shape: [count, 1], dtype: "i32" },
    // One beyond either end: gathers clamp it, scatters drop it.
    literal(
      "i32",
      range(count).map(() => choose(size + 2) - 1),
    ),
  );

const rowsOf = ({ type: { shape } }: Value) => ({
  collapsedSliceDims: [0],
  offsetDims: range(shape.length - 1).map((i) => i + 1),
  startIndexMap: [0],
  operandBatchingDims: [],
  indicesBatchingDims: [],
  sliceSizes: [1, ...shape.slice(1)],
});

const halves = (monoid: "add" | "maximum", x: Value, axis: number) => ({
  monoid,
  dimensions: x.type.shape.map((_, i) => (i === axis ? 2 : 1)),
  strides: x.type.shape.map(() => 1),
  padding: x.type.shape.map((_, i) => (i === axis ? ([1, 0] as const) : ([0, 0] as const))),
});

/** h ← tanh(h + x) along the rows of x; the last h, and h·x of every row. */
const recurrence = (b: Builder, x: Value, reverse: boolean): readonly Value[] => {
  const row = { shape: x.type.shape.slice(1), dtype: x.type.dtype };
  const body = buildGraph([row, row], (inner, [h, r]) => {
    const next = inner.map("tanh", inner.add(h!, r!));
    return [next, inner.mul(next, r!)];
  });
  const attrs = { body, length: at(x.type.shape, 0), numConsts: 0, numCarry: 1, reverse };
  return b.emit("scan", [b.zeros(row), x], attrs);
};

const checkpointed = (b: Builder, x: Value): readonly Value[] => {
  const body = buildGraph([x.type], (inner, [y]) => [inner.mul(inner.map("sine", y!), y!)]);
  return b.emit("call", [x], { body, derivative: { kind: "checkpoint" } });
};

const smooth: { readonly [K in OpName]?: Emit } = {
  add: onPair((b, x, y) => b.add(x, y)),
  subtract: onPair((b, x, y) => b.sub(x, y)),
  multiply: onPair((b, x, y) => b.mul(x, y)),
  divide: onPair((b, x, y) => b.div(x, positive(b, y))),
  power: onPair((b, x, y) => b.map("power", positive(b, x), bounded(b, y))),
  negate: unary("negate"),
  sine: unary("sine"),
  cosine: unary("cosine"),
  tan: unary("tan", bounded),
  asin: unary("asin", bounded),
  acos: unary("acos", bounded),
  atan: unary("atan"),
  sinh: unary("sinh", bounded),
  cosh: unary("cosh", bounded),
  tanh: unary("tanh"),
  asinh: unary("asinh"),
  acosh: unary("acosh", positive),
  atanh: unary("atanh", bounded),
  logistic: unary("logistic"),
  erf: unary("erf"),
  erf_inv: unary("erf_inv", bounded),
  exponential: unary("exponential", bounded),
  exponential_minus_one: unary("exponential_minus_one", bounded),
  log: unary("log", positive),
  log_plus_one: unary("log_plus_one", positive),
  sqrt: unary("sqrt", positive),
  rsqrt: unary("rsqrt", positive),
  constant: onFloat(({ b, choose }, x) => b.fill(x.type, (choose(9) - 4) / 4)),
  iota: onAxis((b, x, axis) => b.scale(b.iota(x.type, axis), 0.3)),
  select: onPair((b, x, y) => {
    const count = b.iota({ shape: [sizeOf(x.type.shape)], dtype: "i32" }, 0);
    const odd = b.map("and", count, b.fill(count.type, 1));
    return b.select(b.reshape(b.convert(odd, "bool"), x.type.shape), x, y);
  }),
  broadcast_in_dim: onFloat(({ b, choose }, x) =>
    b.broadcastTo(x, [choose(3) + 1, ...x.type.shape]),
  ),
  reshape: onFloat(({ b, choose }, x) => {
    const { shape } = x.type;
    const cut = choose(shape.length + 1);
    if (choose(2) === 0) return b.reshape(x, [...shape.slice(0, cut), 1, ...shape.slice(cut)]);
    return b.reshape(x, [sizeOf(shape.slice(0, cut)), ...shape.slice(cut)]);
  }),
  transpose: onAxis((b, x, axis) => {
    const axes = range(x.type.shape.length);
    return b.transpose(x, [...axes.slice(axis), ...axes.slice(0, axis)]);
  }),
  reverse: onAxis((b, x, axis) => b.reverse(x, [axis])),
  slice: onAxis((b, x, axis, { choose }) => {
    const { shape } = x.type;
    const from = choose(at(shape, axis) + 1);
    const only = (value: number, others: readonly number[]) =>
      others.map((other, i) => (i === axis ? value : other));
    const [start, strides] = [
      only(
        from,
        shape.map(() => 0),
      ),
      only(
        choose(2) + 1,
        shape.map(() => 1),
      ),
    ];
    return b.slice(x, start, shape, strides);
  }),
  pad: onAxis((b, x, axis, { choose }) => {
    const only = (value: number) => x.type.shape.map((_, i) => (i === axis ? value : 0));
    const [low, high] = [choose(4) - 1, choose(4) - 1];
    return low + high + at(x.type.shape, axis) < 0
      ? undefined
      : b.pad(x, only(low), only(high), only(choose(2)));
  }),
  concatenate: onAxis((b, x, axis) => b.concatenate([x, b.scale(x, 0.5)], axis)),
  dynamic_slice: onAxis((b, x, axis, { choose }) => {
    const starts = x.type.shape.map(() => b.fill({ shape: [], dtype: "i32" }, choose(4) - 1));
    const sizes = x.type.shape.map((d, i) => (i === axis ? choose(d + 1) : d));
    return b.one("dynamic_slice", [x, ...starts], { sizes });
  }),
  reduce: onAxis((b, x, axis) => b.reduce(x, "add", [axis])),
  cumulative: onAxis((b, x, dimension, { choose }) =>
    b.one("cumulative", [x], { monoid: "add", dimension, reverse: choose(2) === 1 }),
  ),
  dot_general: ({ b, pick, choose }) => {
    const [x, y] = [pick("f32"), pick("f32")];
    if (x === undefined || y === undefined) return undefined;
    const pairs = x.type.shape.flatMap((d, i) =>
      range(y.type.shape.length).flatMap((j) => (y.type.shape[j] === d ? [[i, j] as const] : [])),
    );
    if (pairs.length === 0 || x.type.shape.length + y.type.shape.length > 5) return undefined;
    const [i, j] = at(pairs, choose(pairs.length));
    const batch = pairs.find(([k, l]) => k !== i && l !== j);
    const [lhs, rhs] = batch !== undefined && choose(2) === 1 ? [[batch[0]], [batch[1]]] : [[], []];
    const dims = { lhsBatch: lhs, rhsBatch: rhs, lhsContracting: [i], rhsContracting: [j] };
    return [b.dot(x, y, dims)];
  },
  convolution: ({ b, pick, choose }) => {
    const [x, y] = [pick("f32"), pick("f32")];
    if (x === undefined || y === undefined) return undefined;
    const [length, width] = [sizeOf(x.type.shape), sizeOf(y.type.shape)];
    if (length === 0 || width === 0 || width > 6) return undefined;
    const signal = b.reshape(x, [1, length, 1]);
    const attrs = {
      dims: {
        lhsBatch: 0,
        lhsFeature: 2,
        lhsSpatial: [1],
        rhsInputFeature: 1,
        rhsOutputFeature: 2,
        rhsSpatial: [0],
        outBatch: 0,
        outFeature: 2,
        outSpatial: [1],
      },
      strides: [choose(2) + 1],
      padding: [[width - 1, choose(3)]] as const,
      lhsDilation: [choose(2) + 1],
      rhsDilation: [1],
      featureGroups: 1,
      batchGroups: 1,
    };
    return [b.conv(signal, b.reshape(y, [width, 1, 1]), attrs)];
  },
  reduce_window: onAxis((b, x, axis) => b.one("reduce_window", [x], halves("add", x, axis))),
  gather: onAxis((b, x, _, draw) => {
    const rows = at(x.type.shape, 0);
    return rows === 0
      ? undefined
      : b.one("gather", [x, indices(draw, draw.choose(4), rows)], rowsOf(x));
  }),
  scatter: onAxis((b, x, _, draw) => {
    const rows = at(x.type.shape, 0);
    const updates = b.scale(x, 0.5);
    const dims = {
      updateWindowDims: range(x.type.shape.length - 1).map((i) => i + 1),
      insertedWindowDims: [0],
      inputBatchingDims: [],
      indicesBatchingDims: [],
      scatterDimsToOperandDims: [0],
      kind: "add",
    } as const;
    return b.one("scatter", [x, indices(draw, rows, rows), updates], dims);
  }),
  scan: onAxis((b, x, _, { choose }) => recurrence(b, x, choose(2) === 1)),
  call: onFloat(({ b }, x) => checkpointed(b, x)),
};

const compared = (b: Builder, x: Value, y: Value): Value => b.compare(x, "GT", y);

const continuous: { readonly [K in OpName]?: Emit } = {
  abs: unary("abs"),
  maximum: onPair((b, x, y) => b.map("maximum", x, y)),
  minimum: onPair((b, x, y) => b.map("minimum", x, y)),
  clamp: onFloat(({ b }, x) => b.map("clamp", b.fill(x.type, -0.7), x, b.fill(x.type, 0.9))),
  select: onFloat(({ b }, x) => b.select(compared(b, x, b.zeros(x.type)), x, b.scale(x, 0.1))),
  sort: onAxis((b, x, dimension, { choose }) =>
    b.one("sort", [x], { dimension, descending: choose(2) === 1 }),
  ),
  reduce: onAxis((b, x, axis) => b.reduce(x, "maximum", [axis])),
  cumulative: onAxis((b, x, dimension) =>
    b.one("cumulative", [x], { monoid: "maximum", dimension, reverse: false }),
  ),
  reduce_window: onAxis((b, x, axis) => b.one("reduce_window", [x], halves("maximum", x, axis))),
};

const integers = (op: BinaryOp): Emit => onPair((b, x, y) => b.map(op, x, y), "i32");

const any: { readonly [K in OpName]?: Emit } = {
  sign: unary("sign"),
  floor: unary("floor"),
  ceil: unary("ceil"),
  round_nearest_even: unary("round_nearest_even"),
  stop_gradient: unary("stop_gradient"),
  remainder: onPair((b, x, y) => b.map("remainder", x, positive(b, y))),
  compare: onPair((b, x, y) => b.convert(compared(b, x, y), "f32")),
  arg_reduce: onAxis((b, x, dimension) =>
    at(x.type.shape, dimension) === 0
      ? undefined
      : b.one("arg_reduce", [x], { monoid: "maximum", dimension }),
  ),
  convert: ({ b, pick, choose }) => {
    const x = pick(choose(2) === 0 ? "i32" : "f32");
    return x && [b.convert(x, x.type.dtype === "i32" ? "f32" : "i32")];
  },
  add: integers("add"),
  multiply: integers("multiply"),
  maximum: integers("maximum"),
  divide: integers("divide"),
  and: integers("and"),
  or: integers("or"),
  xor: integers("xor"),
  shift_right_arithmetic: integers("shift_right_arithmetic"),
};

const TABLES: { readonly [K in Smoothness]: readonly { readonly [K in OpName]?: Emit }[] } = {
  smooth: [smooth],
  continuous: [smooth, continuous],
  any: [smooth, continuous, any],
};

/** All ways to append a node, of a smoothness or smoother, limited to `ops` where they are given. */
export const emitters = (
  smoothness: Smoothness,
  ops: readonly OpName[] | undefined,
): readonly Emit[] =>
  TABLES[smoothness].flatMap((table) =>
    (Object.keys(table) as OpName[])
      .filter((op) => ops === undefined || ops.includes(op))
      .flatMap((op) => table[op] ?? []),
  );
