import { buildGraph, literal } from "../../ir/builder.ts";
import { at } from "../../ir/shape.ts";
import type { DType, Monoid, ReductionOp, TensorType } from "../../ir/types.ts";
import { printCompare, printSelect } from "./elementwise.ts";
import { names, type Operand, type Printer, type Scope } from "./scope.ts";
import { dense, list, signature, tensorType } from "./syntax.ts";

type Reduction = ReductionOp | "dot_general";

const LIMITS: { readonly [D in DType]: readonly [number, number] } = {
  f32: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  f16: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  i32: [-(2 ** 31), 2 ** 31 - 1],
  u32: [0, 2 ** 32 - 1],
  bool: [0, 1],
};

/** What a monoid leaves unchanged. */
const identity = (monoid: Monoid, dtype: DType): number => {
  switch (monoid) {
    case "add":
    case "or":
      return 0;
    case "multiply":
    case "and":
      return 1;
    case "maximum":
      return LIMITS[dtype][0];
    case "minimum":
      return LIMITS[dtype][1];
  }
};

const scalar = (dtype: DType): TensorType => ({ shape: [], dtype });

/** Writes a scalar constant. */
export const printScalar = (scope: Scope, dtype: DType, value: number): Operand =>
  scope.one(scalar(dtype), `stablehlo.constant ${dense(scalar(dtype), literal(dtype, [value]))}`);

/** Writes the identity of a monoid. */
export const printIdentity = (scope: Scope, monoid: Monoid, dtype: DType): Operand =>
  printScalar(scope, dtype, identity(monoid, dtype));

/** Whether the first number of two is to be kept as the extreme: NaN counts as the extreme. */
export const printWins = (scope: Scope, x: Operand, direction: string, y: Operand): Operand => {
  const wins = printCompare(scope, x, direction, y);
  if (x.type.dtype !== "f32" && x.type.dtype !== "f16") return wins;
  return printOr(scope, wins, printCompare(scope, x, "NE", x));
};

/** Writes x or y for two scalars of bool. */
export const printOr = (scope: Scope, x: Operand, y: Operand): Operand =>
  scope.one(x.type, `stablehlo.or ${names([x, y])} : tensor<i1>`);

/** Writes x and y for two scalars of bool. */
export const printAnd = (scope: Scope, x: Operand, y: Operand): Operand =>
  scope.one(x.type, `stablehlo.and ${names([x, y])} : tensor<i1>`);

/** Text of operations that combine elements along axes. */
export const printReduction: { readonly [K in Reduction]: Printer<K> } = {
  reduce: (scope, { inputs: [x], attrs, outputs }) => {
    const init = printIdentity(scope, attrs.monoid, x!.type.dtype);
    const head = `stablehlo.reduce(${x!.name} init: ${init.name})`;
    const how = `applies stablehlo.${attrs.monoid} across dimensions = ${list(attrs.dimensions)}`;
    return scope.op(outputs, `${head} ${how} : ${signature([x!, init], outputs)}`);
  },
  // Reduces pairs of number and index; of equal numbers the smaller index wins.
  arg_reduce: (scope, { inputs: [x], attrs: { monoid, dimension }, outputs: [type] }) => {
    const { shape, dtype } = x!.type;
    const indexType: TensorType = { shape, dtype: "i32" };
    const index = scope.one(
      indexType,
      `stablehlo.iota dim = ${dimension} : ${tensorType(indexType)}`,
    );
    const init = [printIdentity(scope, monoid, dtype), printScalar(scope, "i32", 0)];
    const operands = [x!, index, ...init];
    const outputs = [{ shape: type!.shape, dtype }, type!];
    const pair = [scalar(dtype), scalar("i32")];
    const body = scope.block([...pair, ...pair], ([x0, i0, x1, i1]) => {
      const wins = printWins(scope, x0!, monoid === "maximum" ? "GT" : "LT", x1!);
      const equal = printCompare(scope, x0!, "EQ", x1!);
      const tied = printAnd(scope, equal, printCompare(scope, i0!, "LT", i1!));
      const first = printOr(scope, wins, tied);
      return [printSelect(scope, wins, x0!, x1!), printSelect(scope, first, i0!, i1!)];
    });
    const head = `"stablehlo.reduce"(${names(operands)}) <{dimensions = array<i64: ${dimension}>}> ({`;
    return scope.op(outputs, head, body, `}) : ${signature(operands, outputs)}`).slice(1);
  },
  // A window that reaches from the element back to the start of the axis.
  cumulative: (scope, { inputs, attrs: { monoid, dimension, reverse }, outputs: [type] }) => {
    const size = at(type!.shape, dimension);
    if (size === 0) return inputs;
    const { shape } = type!;
    const graph = buildGraph([type!], (b, operands) => [
      b.one("reduce_window", operands, {
        monoid,
        dimensions: shape.map((_, i) => (i === dimension ? size : 1)),
        strides: shape.map(() => 1),
        padding: shape.map((_, i): [number, number] => {
          if (i !== dimension) return [0, 0];
          return reverse ? [0, size - 1] : [size - 1, 0];
        }),
      }),
    ]);
    return scope.inline(graph, inputs);
  },
  dot_general: (scope, { inputs, attrs, outputs }) => {
    const { lhsBatch, rhsBatch, lhsContracting, rhsContracting } = attrs;
    const batch =
      lhsBatch.length > 0 ? `batching_dims = ${list(lhsBatch)} x ${list(rhsBatch)}, ` : "";
    const dims = `${batch}contracting_dims = ${list(lhsContracting)} x ${list(rhsContracting)}`;
    const text = `stablehlo.dot_general ${names(inputs)}, ${dims}`;
    return scope.op(outputs, `${text} : ${signature(inputs, outputs)}`);
  },
};
