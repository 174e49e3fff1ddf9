import { literal } from "../../ir/builder.ts";
import { at } from "../../ir/shape.ts";
import {
  BINARY_OPS,
  type BinaryOp,
  type DType,
  type OpName,
  UNARY_OPS,
  type UnaryOp,
} from "../../ir/types.ts";
import { names, type Operand, type Printer, type Scope } from "./scope.ts";
import { dense, signature, tensorType } from "./syntax.ts";

type Elementwise = Extract<
  OpName,
  | UnaryOp
  | BinaryOp
  | "constant"
  | "iota"
  | "convert"
  | "bitcast_convert"
  | "is_finite"
  | "compare"
  | "select"
  | "clamp"
>;

/** Functions of the dialect CHLO, which expands into StableHLO. */
const CHLO: ReadonlySet<OpName> = new Set<OpName>([
  "acos",
  "acosh",
  "asin",
  "asinh",
  "atan",
  "atanh",
  "cosh",
  "erf",
  "erf_inv",
  "sinh",
]);

const unary =
  (op: UnaryOp): Printer<UnaryOp> =>
  (scope, { inputs: [x], outputs: [type] }) => {
    if (op === "stop_gradient") return [x!];
    if (type!.dtype === "u32" && op === "abs") return [x!];
    // StableHLO's sign takes signed numbers only.
    if (type!.dtype === "u32" && op === "sign") {
      const one = scope.one(type!, `stablehlo.constant ${dense(type!, literal("u32", [1]))}`);
      return [scope.one(type!, `stablehlo.minimum ${x!.name}, ${one.name} : ${tensorType(type!)}`)];
    }
    const text = CHLO.has(op)
      ? `chlo.${op} ${x!.name} : ${tensorType(type!)} -> ${tensorType(type!)}`
      : `stablehlo.${op} ${x!.name} : ${tensorType(type!)}`;
    return [scope.one(type!, text)];
  };

const binary =
  (op: BinaryOp): Printer<BinaryOp> =>
  (scope, { inputs, outputs: [type] }) => [
    scope.one(type!, `stablehlo.${op} ${names(inputs)} : ${tensorType(type!)}`),
  ];

/** How StableHLO compares the elements of a dtype. */
const comparison = (dtype: DType): string => {
  if (dtype === "f32" || dtype === "f16") return "FLOAT";
  return dtype === "i32" ? "SIGNED" : "UNSIGNED";
};

/** Writes a comparison of two named values. */
export const printCompare = (scope: Scope, x: Operand, direction: string, y: Operand): Operand => {
  const type = { shape: x.type.shape, dtype: "bool" } as const;
  const text = `stablehlo.compare ${direction}, ${x.name}, ${y.name}, ${comparison(x.type.dtype)}`;
  return scope.one(type, `${text} : ${signature([x, y], [type])}`);
};

/** Writes a choice between two named values. */
export const printSelect = (scope: Scope, predicate: Operand, x: Operand, y: Operand): Operand => {
  const text = `stablehlo.select ${names([predicate, x, y])}`;
  return scope.one(x.type, `${text} : ${tensorType(predicate.type)}, ${tensorType(x.type)}`);
};

const typed =
  <K extends "convert" | "bitcast_convert" | "is_finite">(op: K): Printer<K> =>
  (scope, { inputs, outputs }) =>
    scope.op(outputs, `stablehlo.${op} ${names(inputs)} : ${signature(inputs, outputs)}`);

const elementwise = Object.fromEntries([
  ...UNARY_OPS.map((op) => [op, unary(op)]),
  ...BINARY_OPS.map((op) => [op, binary(op)]),
]) as { readonly [K in UnaryOp | BinaryOp]: Printer<K> };

/** Text of constants and of operations that treat every element alike. */
export const printElementwise: { readonly [K in Elementwise]: Printer<K> } = {
  ...elementwise,
  constant: (scope, { attrs: { type, data } }) => [
    scope.one(type, `stablehlo.constant ${dense(type, data)}`),
  ],
  iota: (scope, { attrs: { type, dimension } }) => [
    scope.one(type, `stablehlo.iota dim = ${dimension} : ${tensorType(type)}`),
  ],
  convert: typed("convert"),
  bitcast_convert: typed("bitcast_convert"),
  is_finite: typed("is_finite"),
  compare: (scope, { inputs, attrs }) => [
    printCompare(scope, at(inputs, 0), attrs.direction, at(inputs, 1)),
  ],
  select: (scope, { inputs }) => [printSelect(scope, at(inputs, 0), at(inputs, 1), at(inputs, 2))],
  clamp: (scope, { inputs, outputs: [type] }) => [
    scope.one(type!, `stablehlo.clamp ${names(inputs)} : ${tensorType(type!)}`),
  ],
};
