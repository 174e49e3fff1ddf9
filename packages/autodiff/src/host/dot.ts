import { at, complement, isFloat, sizeOf } from "../ir/shape.ts";
import { offsets, rowMajor, takeElements } from "./offsets.ts";
import { allocate, type HostData, type HostKernel, type HostTensor } from "./tensor.ts";

/** The elements of `x` with its axes in the given order. */
const pack = ({ type, data }: HostTensor, axes: readonly number[]): HostData => {
  const strides = rowMajor(type.shape);
  const table = offsets(
    axes.map((i) => at(type.shape, i)),
    axes.map((i) => at(strides, i)),
  );
  return takeElements(allocate(type.dtype, data.length), data, table);
};

const sizeAlong = ({ type }: HostTensor, axes: readonly number[]): number =>
  sizeOf(axes.map((i) => at(type.shape, i)));

const floatDot = (x: HostData, i: number, y: HostData, j: number, depth: number): number => {
  let sum = 0;
  for (let k = 0; k < depth; k++) sum += x[i + k]! * y[j + k]!;
  return sum;
};

const integerDot = (x: HostData, i: number, y: HostData, j: number, depth: number): number => {
  let sum = 0;
  for (let k = 0; k < depth; k++) sum = (sum + Math.imul(x[i + k]!, y[j + k]!)) | 0;
  return sum;
};

/** Evaluation of `dot_general`; the dot product of bools asks whether any pair is true. */
export const hostDot: HostKernel<"dot_general"> = (inputs, dims) => {
  const [x, y] = [at(inputs, 0), at(inputs, 1)];
  const { dtype } = x.type;
  const free = (t: HostTensor, used: readonly number[]) => complement(t.type.shape.length, used);
  const lhsFree = free(x, [...dims.lhsBatch, ...dims.lhsContracting]);
  const rhsFree = free(y, [...dims.rhsBatch, ...dims.rhsContracting]);
  // Contracted axes innermost on both sides: the inner loop then runs over neighbours.
  const left = pack(x, [...dims.lhsBatch, ...lhsFree, ...dims.lhsContracting]);
  const right = pack(y, [...dims.rhsBatch, ...rhsFree, ...dims.rhsContracting]);
  const [batch, depth] = [sizeAlong(x, dims.lhsBatch), sizeAlong(x, dims.lhsContracting)];
  const [rows, columns] = [sizeAlong(x, lhsFree), sizeAlong(y, rhsFree)];
  const product = isFloat(dtype) ? floatDot : integerDot;
  const out = allocate(dtype, batch * rows * columns);
  for (let b = 0, o = 0; b < batch; b++) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++, o++) {
        const sum = product(left, (b * rows + i) * depth, right, (b * columns + j) * depth, depth);
        out[o] = dtype === "bool" ? Number(sum !== 0) : sum;
      }
    }
  }
  return [out];
};
