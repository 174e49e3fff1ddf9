import { at, range, sizeOf } from "../../ir/shape.ts";
import type { ConvDims, TensorType, Window, WindowOp } from "../../ir/types.ts";
import { printCompare, printSelect } from "./elementwise.ts";
import { printAnd, printIdentity, printOr, printScalar, printWins } from "./reduction.ts";
import { names, type Operand, type Printer, type Scope } from "./scope.ts";
import { int64s, list, pairs, signature, tensorType } from "./syntax.ts";

type Windowed = WindowOp | "convolution";

const attributes = ({ dimensions, strides, padding }: Window): string => {
  const window = `window_dimensions = ${int64s(dimensions)}, window_strides = ${int64s(strides)}`;
  return `<{padding = ${pairs(padding)}, ${window}}>`;
};

/** `[b, 0, 1, f]`: what each axis of an array is. */
const axes = (
  [first, firstName]: readonly [number, string],
  [second, secondName]: readonly [number, string],
  spatial: readonly number[],
): string => {
  const labels = new Array<string>(spatial.length + 2).fill("");
  labels[first] = firstName;
  labels[second] = secondName;
  spatial.forEach((axis, i) => {
    labels[axis] = String(i);
  });
  return `[${labels.join(", ")}]`;
};

const convolutionAxes = (d: ConvDims): string => {
  const lhs = axes([d.lhsBatch, "b"], [d.lhsFeature, "f"], d.lhsSpatial);
  const rhs = axes([d.rhsInputFeature, "i"], [d.rhsOutputFeature, "o"], d.rhsSpatial);
  const out = axes([d.outBatch, "b"], [d.outFeature, "f"], d.outSpatial);
  return `${lhs}x${rhs}->${out}`;
};

const scalars = (list: readonly Operand[]): TensorType[] =>
  list.map(({ type }) => ({ shape: [], dtype: type.dtype }));

/** Positions of the elements in row-major order. */
const printPositions = (scope: Scope, shape: readonly number[]): Operand => {
  const flat: TensorType = { shape: [sizeOf(shape)], dtype: "i32" };
  const index = scope.one(flat, `stablehlo.iota dim = 0 : ${tensorType(flat)}`);
  const type: TensorType = { shape, dtype: "i32" };
  return scope.one(type, `stablehlo.reshape ${index.name} : ${signature([index], [type])}`);
};

/** Text of operations over sliding windows. */
export const printWindow: { readonly [K in Windowed]: Printer<K> } = {
  convolution: (scope, { inputs, attrs, outputs }) => {
    const { strides, padding, lhsDilation, rhsDilation, featureGroups, batchGroups } = attrs;
    const pad = `[${padding.map((p) => list(p)).join(", ")}]`;
    const dilation = `lhs_dilate = ${list(lhsDilation)}, rhs_dilate = ${list(rhsDilation)}`;
    const window =
      strides.length === 0 ? "" : `stride = ${list(strides)}, pad = ${pad}, ${dilation}`;
    const groups = `{batch_group_count = ${batchGroups} : i64, feature_group_count = ${featureGroups} : i64}`;
    const dims = `dim_numbers = ${convolutionAxes(attrs.dims)}, window = {${window}} ${groups}`;
    const text = `stablehlo.convolution(${names(inputs)}) ${dims}`;
    return scope.op(outputs, `${text} : ${signature(inputs, outputs)}`);
  },
  reduce_window: (scope, { inputs: [x], attrs, outputs }) => {
    const { dtype } = x!.type;
    const operands = [x!, printIdentity(scope, attrs.monoid, dtype)];
    const body = scope.block(scalars([x!, x!]), (args) => {
      const type = at(args, 0).type;
      return [scope.one(type, `stablehlo.${attrs.monoid} ${names(args)} : ${tensorType(type)}`)];
    });
    const head = `"stablehlo.reduce_window"(${names(operands)}) ${attributes(attrs)} ({`;
    return scope.op(outputs, head, body, `}) : ${signature(operands, outputs)}`);
  },
  select_and_scatter: (scope, { inputs: [x, source], attrs, outputs }) => {
    // XLA's compiler crashes on a scalar, whose only window is itself.
    if (x!.type.shape.length === 0) return [source!];
    const operands = [x!, source!, printScalar(scope, source!.type.dtype, 0)];
    const select = scope.block(scalars([x!, x!]), ([a, b]) => [printWins(scope, a!, "GE", b!)]);
    const add = scope.block(scalars([source!, source!]), (args) => {
      const type = at(args, 0).type;
      return [scope.one(type, `stablehlo.add ${names(args)} : ${tensorType(type)}`)];
    });
    const head = `"stablehlo.select_and_scatter"(${names(operands)}) ${attributes(attrs)} ({`;
    const tail = `}) : ${signature(operands, outputs)}`;
    return scope.op(outputs, head, select, "}, {", add, tail);
  },
  // Reduces triples of operand, position and value. Padding has the position −1 and never wins.
  select_and_gather: (scope, { inputs: [x, values], attrs, outputs: [type] }) => {
    const positions = printPositions(scope, x!.type.shape);
    const init = [
      printIdentity(scope, "maximum", x!.type.dtype),
      printScalar(scope, "i32", -1),
      printScalar(scope, values!.type.dtype, 0),
    ];
    const arrays = [x!, positions, values!];
    const operands = [...arrays, ...init];
    const outputs = arrays.map(({ type: { dtype } }) => ({ shape: type!.shape, dtype }));
    const triple = scalars(arrays);
    const body = scope.block([...triple, ...triple], (args) => {
      const [x0, i0, , x1, i1] = args as readonly [Operand, Operand, Operand, Operand, Operand];
      const zero = printScalar(scope, "i32", 0);
      const greater = printWins(scope, x0, "GT", x1);
      const equal = printCompare(scope, x0, "EQ", x1);
      const tied = printAnd(scope, equal, printCompare(scope, i0, "LT", i1));
      const better = printOr(scope, greater, tied);
      const real = printAnd(scope, better, printCompare(scope, i0, "GE", zero));
      const first = printOr(scope, real, printCompare(scope, i1, "LT", zero));
      return range(3).map((k) => printSelect(scope, first, at(args, k), at(args, k + 3)));
    });
    const head = `"stablehlo.reduce_window"(${names(operands)}) ${attributes(attrs)} ({`;
    return scope.op(outputs, head, body, `}) : ${signature(operands, outputs)}`).slice(2);
  },
};
