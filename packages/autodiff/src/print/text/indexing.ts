import { at } from "../../ir/shape.ts";
import type { AddressingOp, TensorType } from "../../ir/types.ts";
import { printCompare } from "./elementwise.ts";
import { printAnd, printOr } from "./reduction.ts";
import { names, type Operand, type Printer, type Scope } from "./scope.ts";
import { int64s, list, signature, tensorType } from "./syntax.ts";

type Indexing = AddressingOp | "sort";

const ascending = (axes: readonly number[]): number[] => [...axes].sort((a, b) => a - b);

/** Axes of two arrays that belong together, in the order of the first. */
const together = (
  left: readonly number[],
  right: readonly number[],
): readonly [number[], number[]] => {
  const order = left.map((axis, i) => [axis, at(right, i)] as const).sort(([a], [b]) => a - b);
  return [order.map(([axis]) => axis), order.map(([, axis]) => axis)];
};

const scalar = ({ type }: Operand): TensorType => ({ shape: [], dtype: type.dtype });

/** Whether x stands before y; NaN stands above all numbers. */
const printBefore = (scope: Scope, x: Operand, direction: "LT" | "GT", y: Operand): Operand => {
  const before = printCompare(scope, x, direction, y);
  if (x.type.dtype !== "f32" && x.type.dtype !== "f16") return before;
  const [number, nan] = direction === "LT" ? [x, y] : [y, x];
  const isNumber = printCompare(scope, number, "EQ", number);
  const isNan = printCompare(scope, nan, "NE", nan);
  return printOr(scope, before, printAnd(scope, isNumber, isNan));
};

/** Text of operations that address elements by index or order. */
export const printIndexing: { readonly [K in Indexing]: Printer<K> } = {
  gather: (scope, { inputs, attrs, outputs }) => {
    const [operandBatch, indicesBatch] = together(
      attrs.operandBatchingDims,
      attrs.indicesBatchingDims,
    );
    const numbers = [
      `offset_dims = ${list(attrs.offsetDims)}`,
      `collapsed_slice_dims = ${list(ascending(attrs.collapsedSliceDims))}`,
      `operand_batching_dims = ${list(operandBatch)}`,
      `start_indices_batching_dims = ${list(indicesBatch)}`,
      `start_index_map = ${list(attrs.startIndexMap)}`,
      `index_vector_dim = ${at(inputs, 1).type.shape.length - 1}`,
    ].join(", ");
    const sizes = `slice_sizes = ${int64s(attrs.sliceSizes)}`;
    const text = `"stablehlo.gather"(${names(inputs)}) <{dimension_numbers = #stablehlo.gather<${numbers}>, ${sizes}}>`;
    return scope.op(outputs, `${text} : ${signature(inputs, outputs)}`);
  },
  scatter: (scope, { inputs, attrs, outputs }) => {
    const [inputBatch, indicesBatch] = together(attrs.inputBatchingDims, attrs.indicesBatchingDims);
    const numbers = [
      `update_window_dims = ${list(attrs.updateWindowDims)}`,
      `inserted_window_dims = ${list(ascending(attrs.insertedWindowDims))}`,
      `input_batching_dims = ${list(inputBatch)}`,
      `scatter_indices_batching_dims = ${list(indicesBatch)}`,
      `scatter_dims_to_operand_dims = ${list(attrs.scatterDimsToOperandDims)}`,
      `index_vector_dim = ${at(inputs, 1).type.shape.length - 1}`,
    ].join(", ");
    const element = scalar(at(inputs, 0));
    const body = scope.block([element, element], ([old, update]) => {
      if (attrs.kind === "set") return [update!];
      return [
        scope.one(element, `stablehlo.add ${names([old!, update!])} : ${tensorType(element)}`),
      ];
    });
    const head = `"stablehlo.scatter"(${names(inputs)}) <{scatter_dimension_numbers = #stablehlo.scatter<${numbers}>}> ({`;
    return scope.op(outputs, head, body, `}) : ${signature(inputs, outputs)}`);
  },
  sort: (scope, { inputs, attrs: { dimension, descending }, outputs }) => {
    const types = inputs.flatMap((x) => [scalar(x), scalar(x)]);
    const body = scope.block(types, ([x, y]) => [
      printBefore(scope, x!, descending ? "GT" : "LT", y!),
    ]);
    const head = `"stablehlo.sort"(${names(inputs)}) <{dimension = ${dimension} : i64, is_stable = true}> ({`;
    return scope.op(outputs, head, body, `}) : ${signature(inputs, outputs)}`);
  },
};
