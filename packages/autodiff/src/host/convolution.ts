import { at, sizeOf } from "../ir/shape.ts";
import type { ConvAttrs, Shape } from "../ir/types.ts";
import { offsets, rowMajor } from "./offsets.ts";
import { allocate, type HostKernel } from "./tensor.ts";

const pick = (list: readonly number[], axes: readonly number[]): number[] =>
  axes.map((axis) => at(list, axis));

/** Quotient of a coordinate in the dilated operand, or −1 between its elements and outside. */
const undilate = (position: number, dilation: number, size: number): number =>
  position >= 0 && position % dilation === 0 && position / dilation < size
    ? position / dilation
    : -1;

/**
 * For every pair of an output position and a kernel position (row-major, kernel innermost) the
 * offset of the operand element under it, or −1 where it is padding.
 */
const windowTable = (
  size: Shape,
  strides: readonly number[],
  out: Shape,
  kernel: Shape,
  attrs: ConvAttrs,
): Int32Array => {
  let table: Int32Array = new Int32Array(1);
  let [positions, taps] = [1, 1];
  size.forEach((length, axis) => {
    const [count, width] = [at(out, axis), at(kernel, axis)];
    const next = new Int32Array(positions * count * taps * width);
    let n = 0;
    for (let p = 0; p < positions; p++) {
      for (let o = 0; o < count; o++) {
        const start = o * at(attrs.strides, axis) - at(attrs.padding, axis)[0];
        for (let t = 0; t < taps; t++) {
          const before = table[p * taps + t]!;
          for (let k = 0; k < width; k++) {
            const position = start + k * at(attrs.rhsDilation, axis);
            const i = undilate(position, at(attrs.lhsDilation, axis), length);
            next[n++] = before < 0 || i < 0 ? -1 : before + i * at(strides, axis);
          }
        }
      }
    }
    table = next;
    positions *= count;
    taps *= width;
  });
  return table;
};

/** Evaluation of `convolution`: the sum over window and input features, written out. */
export const hostConvolution: HostKernel<"convolution"> = (inputs, attrs, [type]) => {
  const [x, w] = [at(inputs, 0), at(inputs, 1)];
  const { dims, featureGroups, batchGroups } = attrs;
  const [xStrides, wStrides] = [rowMajor(x.type.shape), rowMajor(w.type.shape)];
  const outStrides = rowMajor(type!.shape);
  const kernel = pick(w.type.shape, dims.rhsSpatial);
  const outSpatial = pick(type!.shape, dims.outSpatial);
  const table = windowTable(
    pick(x.type.shape, dims.lhsSpatial),
    pick(xStrides, dims.lhsSpatial),
    outSpatial,
    kernel,
    attrs,
  );
  const kernelAt = offsets(kernel, pick(wStrides, dims.rhsSpatial));
  const outAt = offsets(outSpatial, pick(outStrides, dims.outSpatial));
  const [batches, features] = pick(type!.shape, [dims.outBatch, dims.outFeature]) as [
    number,
    number,
  ];
  const depth = at(w.type.shape, dims.rhsInputFeature);
  const xFeature = at(xStrides, dims.lhsFeature);
  const wFeature = at(wStrides, dims.rhsInputFeature);
  const integer = type!.dtype === "i32" || type!.dtype === "u32";
  const out = allocate(type!.dtype, sizeOf(type!.shape));
  for (let f = 0; f < features; f++) {
    const featureGroup = Math.floor((f * featureGroups) / features);
    const batchGroup = Math.floor((f * batchGroups) / features);
    const wBase = f * at(wStrides, dims.rhsOutputFeature);
    for (let b = 0; b < batches; b++) {
      const xBase =
        (batchGroup * batches + b) * at(xStrides, dims.lhsBatch) + featureGroup * depth * xFeature;
      const outBase = b * at(outStrides, dims.outBatch) + f * at(outStrides, dims.outFeature);
      for (let p = 0; p < outAt.length; p++) {
        let sum = 0;
        for (let k = 0; k < kernelAt.length; k++) {
          const offset = table[p * kernelAt.length + k]!;
          if (offset < 0) continue;
          const [i, j] = [xBase + offset, wBase + kernelAt[k]!];
          for (let c = 0; c < depth; c++) {
            const [u, v] = [x.data[i + c * xFeature]!, w.data[j + c * wFeature]!];
            sum = integer ? (sum + Math.imul(u, v)) | 0 : sum + u * v;
          }
        }
        out[outBase + outAt[p]!] = sum;
      }
    }
  }
  return [out];
};
