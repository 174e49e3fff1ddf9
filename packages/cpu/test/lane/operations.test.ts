// Oracle: the host's evaluation in float64, rounded to f32. Everything but the functions with an
// error bound must agree exactly, signs of zero included.
import {
  type Direction,
  type DType,
  evaluateNode,
  type HostTensor,
  type OpAttrs,
} from "@layerwise/autodiff/executor";
import { describe, expect, it } from "vitest";
import { laneCost } from "../../src/lane/emit.ts";
import type { LaneOp } from "../../src/lane/lane.ts";
import { emitOperation } from "../../src/lane/operation.ts";
import { OPERATIONS } from "../../src/lane/operations.ts";
import { features } from "../../src/wasm/features.ts";
import { allCases, generator, sampleInputs } from "../support/autodiff.ts";
import { BOUNDS, type Bounded, relativeError } from "./accuracy.ts";
import { applyLanes, fromBits, vector } from "./support.ts";

const MODES = features().fma ? [true, false] : [false];

/** The first element that differs, in words; undefined if none does. */
const mismatch = (
  op: LaneOp,
  actual: ArrayLike<number>,
  wanted: HostTensor,
): string | undefined => {
  const bound = BOUNDS[op as Bounded] as number | undefined;
  for (let i = 0; i < wanted.data.length; i++) {
    const [a, exact] = [actual[i]!, wanted.data[i]!];
    const rounded = wanted.type.dtype === "f32" ? Math.fround(exact) : exact;
    const close = bound !== undefined && relativeError(a, exact) <= bound;
    if (!Object.is(a, rounded) && !close) return `element ${i}: ${a}, expected ${exact}`;
  }
  return actual.length === wanted.data.length ? undefined : `${actual.length} elements`;
};

const check = <K extends LaneOp>(op: K, attrs: OpAttrs[K], inputs: readonly HostTensor[]): void => {
  const wanted = evaluateNode(op, inputs, attrs);
  const [key, x0, x1] = inputs;
  const repeated = (i: number) =>
    vector(
      "u32",
      Array.from(x0!.data, () => key!.data[i]!),
    );
  const operands = op === "threefry2x32" ? [repeated(0), repeated(1), x0!, x1!] : inputs;
  const vectors = operands.map(({ type, data }) => ({ dtype: type.dtype, data }));
  for (const fma of MODES) {
    const actual = applyLanes(op, attrs, vectors, fma);
    wanted.forEach((tensor, i) => {
      const found = mismatch(op, actual[i]!, tensor);
      const values = /element (\d+)/.exec(found ?? "")?.[1];
      const at = values === undefined ? [] : vectors.map(({ data }) => data[Number(values)]);
      expect(found, `${op}(${at}) fma=${fma}`).toBeUndefined();
    });
  }
};

const SPECIAL_BITS = [
  0, 1, 2, 0x007fffff, 0x00800000, 0x00800001, 0x33800000, 0x3effffff, 0x3f000000, 0x3f000001,
  0x3f3504f3, 0x3f7fffff, 0x3f800000, 0x3f800001, 0x3fc00000, 0x40000000, 0x40200000, 0x40400000,
  0x40490fdb, 0x3fc90fdb, 0x41100000, 0x42aeac50, 0x42b17218, 0x42b17219, 0x42cff1b4, 0x4affffff,
  0x4b000000, 0x4b7fffff, 0x4effffff, 0x4f000000, 0x4f7fffff, 0x4f800000, 0x501502f9, 0x7e967699,
  0x7f7fffff, 0x7f800000, 0x7fc00000, 0x7fc00001, 0x7fffffff,
];

const random = generator("lanes");
const randomBits = (count: number): number[] =>
  Array.from({ length: count }, () => Math.floor(random() * 2 ** 32));

const VALUES: Readonly<Record<"f32" | "i32" | "u32" | "bool", readonly number[]>> = {
  f32: [...SPECIAL_BITS.flatMap((b) => [b, (b | 0x80000000) >>> 0]), ...randomBits(32)].map(
    fromBits,
  ),
  i32: [
    0,
    1,
    -1,
    2,
    -2,
    3,
    -7,
    31,
    32,
    33,
    255,
    46341,
    2 ** 31 - 1,
    -(2 ** 31),
    -(2 ** 31) + 1,
    ...randomBits(24).map((b) => b | 0),
  ],
  u32: [
    0,
    1,
    2,
    3,
    7,
    31,
    32,
    33,
    65535,
    65536,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32 - 2,
    2 ** 32 - 1,
    ...randomBits(24),
  ],
  bool: [0, 1, 0, 0, 1, 1, 0],
};
type Lane = keyof typeof VALUES;
const TYPES = Object.keys(VALUES) as Lane[];
const NUMBERS = ["f32", "i32", "u32"] as const;
const WHOLE = ["i32", "u32", "bool"] as const;

/** All pairs of special and random values. */
const pairs = (dtype: Lane): readonly [HostTensor, HostTensor] => {
  const all = VALUES[dtype];
  return [
    vector(
      dtype,
      all.flatMap((x) => all.map(() => x)),
    ),
    vector(
      dtype,
      all.flatMap(() => all),
    ),
  ];
};

const UNARY_TYPES: Partial<Readonly<Record<LaneOp, readonly Lane[]>>> = {
  abs: NUMBERS,
  negate: NUMBERS,
  sign: NUMBERS,
  stop_gradient: TYPES,
  not: WHOLE,
  is_finite: TYPES,
};
const BINARY_TYPES = {
  add: NUMBERS,
  subtract: NUMBERS,
  multiply: NUMBERS,
  divide: NUMBERS,
  remainder: NUMBERS,
  power: NUMBERS,
  maximum: NUMBERS,
  minimum: NUMBERS,
  atan2: NUMBERS,
  and: WHOLE,
  or: WHOLE,
  xor: WHOLE,
  shift_left: ["i32", "u32"],
  shift_right_logical: ["i32", "u32"],
  shift_right_arithmetic: ["i32", "u32"],
} as const satisfies Partial<Record<LaneOp, readonly Lane[]>>;
const OTHERS: ReadonlySet<LaneOp> = new Set([
  "convert",
  "bitcast_convert",
  "compare",
  "select",
  "clamp",
  "threefry2x32",
]);
const OPS = Object.keys(OPERATIONS) as LaneOp[];
const isBinary = (op: LaneOp): op is keyof typeof BINARY_TYPES => op in BINARY_TYPES;

describe("the cases of every operation", () => {
  for (const op of OPS) {
    it(op, () => {
      const cases = allCases.filter((c) => c.op === op);
      expect(cases.length).toBeGreaterThan(0);
      for (const c of cases) check(op, c.attrs as never, sampleInputs(c));
    });
  }
});

describe("special values and random bits", () => {
  for (const op of OPS) {
    if (OTHERS.has(op)) continue;
    for (const dtype of isBinary(op) ? BINARY_TYPES[op] : (UNARY_TYPES[op] ?? ["f32"])) {
      it(`${op} ${dtype}`, () => {
        check(op, {}, isBinary(op) ? pairs(dtype) : [vector(dtype, VALUES[dtype])]);
      });
    }
  }

  it.each(TYPES)("convert %s", (from) => {
    for (const dtype of TYPES) check("convert", { dtype }, [vector(from, VALUES[from])]);
  });

  it.each(NUMBERS)("bitcast_convert %s", (from) => {
    for (const dtype of NUMBERS) {
      // JavaScript may change the bits of NaN on the way.
      const values = VALUES[from].filter((x) => !Number.isNaN(x));
      check("bitcast_convert", { dtype }, [vector(from, values)]);
    }
  });

  it.each(TYPES)("compare %s", (dtype) => {
    for (const direction of ["EQ", "NE", "LT", "LE", "GT", "GE"] satisfies Direction[]) {
      check("compare", { direction }, pairs(dtype));
    }
  });

  it.each(TYPES)("select and clamp %s", (dtype) => {
    const [x, y] = pairs(dtype);
    const { length } = x.data;
    const flags = vector(
      "bool",
      Array.from({ length }, () => (random() < 0.5 ? 1 : 0)),
    );
    check("select", {}, [flags, x, y]);
    const all: ArrayLike<number> = VALUES[dtype];
    const third = Array.from({ length }, (_, i) => all[(i * 7 + 3) % all.length]!);
    check("clamp", {}, [x, y, vector(dtype, third)]);
  });

  it("threefry2x32", () => {
    const key = vector("u32", randomBits(2));
    check("threefry2x32", {}, [
      key,
      vector("u32", randomBits(101)),
      vector("u32", randomBits(101)),
    ]);
  });
});

it("remainder of floats of far different size", () => {
  const draw = (min: number, max: number) =>
    Array.from({ length: 4000 }, () =>
      Math.fround((random() - 0.5) * 2 ** (min + (max - min) * random())),
    );
  check("remainder", {}, [vector("f32", draw(0, 128)), vector("f32", draw(-149, 20))]);
  check("remainder", {}, [vector("f32", draw(-20, 30)), vector("f32", draw(-20, 10))]);
});

it("says that f16 has no lanes", () => {
  const dtype: DType = "f16";
  const call = {
    op: "add",
    attrs: {},
    operands: [],
    operandTypes: [dtype, dtype],
    resultType: dtype,
  } as const;
  expect(() => emitOperation({} as never, call, false)).toThrow("f16 has no lanes");
});

it("estimates the cost of every operation", () => {
  for (const op of OPS) for (const dtype of TYPES) expect(laneCost(op, dtype)).toBeGreaterThan(0);
  expect(laneCost("sinh", "f32")).toBeGreaterThan(laneCost("exponential", "f32"));
});
