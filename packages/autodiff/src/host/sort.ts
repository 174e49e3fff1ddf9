import { at, complement } from "../ir/shape.ts";
import { offsets, rowMajor } from "./offsets.ts";
import { allocate, type HostData, type HostKernel } from "./tensor.ts";

/** Orders numbers with NaN above all of them and −0 equal to 0. */
const compareNumbers = (x: number, y: number): number =>
  x < y ? -1 : x > y ? 1 : Number(Number.isNaN(x)) - Number(Number.isNaN(y));

/** Evaluation of `sort`. JavaScript's own sort is stable. */
export const hostSort: HostKernel<"sort"> = (inputs, { dimension, descending }) => {
  const { shape } = at(inputs, 0).type;
  const keys = at(inputs, 0).data;
  const strides = rowMajor(shape);
  const others = complement(shape.length, [dimension]);
  const lines = offsets(
    others.map((i) => at(shape, i)),
    others.map((i) => at(strides, i)),
  );
  const along = offsets([at(shape, dimension)], [at(strides, dimension)]);
  const sign = descending ? -1 : 1;
  const results: HostData[] = inputs.map(({ type, data }) => allocate(type.dtype, data.length));
  for (const start of lines) {
    const order = along.map((offset) => start + offset);
    order.sort((i, j) => sign * compareNumbers(keys[i]!, keys[j]!));
    results.forEach((out, n) => {
      const { data } = at(inputs, n);
      for (let i = 0; i < along.length; i++) out[start + along[i]!] = data[order[i]!]!;
    });
  }
  return results;
};
