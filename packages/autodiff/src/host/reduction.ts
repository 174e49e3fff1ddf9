import { at, complement, sizeOf } from "../ir/shape.ts";
import type { DType, Monoid, ReductionOp } from "../ir/types.ts";
import { binaryFunction } from "./arithmetic.ts";
import { offsets, rowMajor } from "./offsets.ts";
import { allocate, type HostKernel, type HostTensor } from "./tensor.ts";

type Reduction = ReductionOp;

/** What a monoid leaves unchanged; the result of combining nothing. */
export const identity = (monoid: Monoid, dtype: DType): number => {
  const integer = dtype === "i32" || dtype === "u32";
  switch (monoid) {
    case "add":
    case "or":
      return 0;
    case "multiply":
    case "and":
      return 1;
    case "maximum":
      return dtype === "i32" ? -(2 ** 31) : integer ? 0 : Number.NEGATIVE_INFINITY;
    case "minimum":
      return dtype === "i32" ? 2 ** 31 - 1 : integer ? 2 ** 32 - 1 : Number.POSITIVE_INFINITY;
  }
};

/** Tables of where the kept axes lie and, from there, the others. */
const split = ({ type }: HostTensor, dimensions: readonly number[]) => {
  const strides = rowMajor(type.shape);
  const table = (axes: readonly number[]) =>
    offsets(
      axes.map((i) => at(type.shape, i)),
      axes.map((i) => at(strides, i)),
    );
  return [table(complement(type.shape.length, dimensions)), table(sorted(dimensions))] as const;
};

const sorted = (axes: readonly number[]): number[] => [...axes].sort((a, b) => a - b);

/** Evaluation of operations that combine the elements along axes. */
export const hostReduction: { readonly [K in Reduction]: HostKernel<K> } = {
  reduce: (inputs, { monoid, dimensions }) => {
    const x = at(inputs, 0);
    const { dtype } = x.type;
    const combine = binaryFunction(monoid, dtype);
    const [starts, along] = split(x, dimensions);
    const out = allocate(dtype, starts.length);
    for (let i = 0; i < starts.length; i++) {
      let result = identity(monoid, dtype);
      for (let j = 0; j < along.length; j++)
        result = combine(result, x.data[starts[i]! + along[j]!]!);
      out[i] = result;
    }
    return [out];
  },
  // NaN counts as the extreme, so that the index points at what the reduction returns.
  arg_reduce: (inputs, { monoid, dimension }) => {
    const x = at(inputs, 0);
    const sign = monoid === "maximum" ? 1 : -1;
    const [starts, along] = split(x, [dimension]);
    const out = new Int32Array(starts.length);
    for (let i = 0; i < starts.length; i++) {
      let best = sign * x.data[starts[i]!]!;
      for (let j = 1; j < along.length && !Number.isNaN(best); j++) {
        const value = sign * x.data[starts[i]! + along[j]!]!;
        if (value > best || Number.isNaN(value)) {
          best = value;
          out[i] = j;
        }
      }
    }
    return [out];
  },
  cumulative: (inputs, { monoid, dimension, reverse }) => {
    const x = at(inputs, 0);
    const { dtype, shape } = x.type;
    const combine = binaryFunction(monoid, dtype);
    const [starts, along] = split(x, [dimension]);
    if (reverse) along.reverse();
    const out = allocate(dtype, sizeOf(shape));
    for (let i = 0; i < starts.length; i++) {
      let result = identity(monoid, dtype);
      for (let j = 0; j < along.length; j++) {
        const offset = starts[i]! + along[j]!;
        result = combine(result, x.data[offset]!);
        out[offset] = result;
      }
    }
    return [out];
  },
};
