import { at, sizeOf } from "../ir/shape.ts";
import type { DynamicSliceOp, MovementOp, Shape } from "../ir/types.ts";
import { copyElements, limit, offsets, rowMajor, takeElements } from "./offsets.ts";
import { allocate, type HostData, type HostKernel, type HostTensor, hostTensor } from "./tensor.ts";

type Movement = MovementOp | DynamicSliceOp;

/** The elements of `x` at start + Σ index·stride for every index of `shape`. */
const strided = (x: HostTensor, shape: Shape, strides: readonly number[], start = 0): HostData =>
  takeElements(allocate(x.type.dtype, sizeOf(shape)), x.data, offsets(shape, strides, start));

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, i) => sum + x * at(b, i), 0);

/** Scalar start indices, moved so that a block of `sizes` fits into `shape`. */
const blockStart = (starts: readonly HostTensor[], shape: Shape, sizes: Shape): number[] =>
  starts.map(({ data }, i) => limit(data[0]!, 0, at(shape, i) - at(sizes, i)));

/** Evaluation of constants and of operations that only move elements. */
export const hostMovement: { readonly [K in Movement]: HostKernel<K> } = {
  constant: (_, { type, data }) => [hostTensor(type, data).data],
  iota: (_, { type, dimension }) => {
    const strides = type.shape.map((_, i) => (i === dimension ? 1 : 0));
    const out = allocate(type.dtype, sizeOf(type.shape));
    out.set(offsets(type.shape, strides));
    return [out];
  },
  broadcast_in_dim: (inputs, { shape, dimensions }) => {
    const x = at(inputs, 0);
    const strides = shape.map(() => 0);
    rowMajor(x.type.shape).forEach((stride, i) => {
      if (x.type.shape[i] !== 1) strides[at(dimensions, i)] = stride;
    });
    return [strided(x, shape, strides)];
  },
  reshape: (inputs) => [at(inputs, 0).data],
  transpose: (inputs, { permutation }, [out]) => {
    const x = at(inputs, 0);
    const strides = rowMajor(x.type.shape);
    return [
      strided(
        x,
        out!.shape,
        permutation.map((axis) => at(strides, axis)),
      ),
    ];
  },
  reverse: (inputs, { dimensions }) => {
    const x = at(inputs, 0);
    const { shape } = x.type;
    const plain = rowMajor(shape);
    const strides = plain.map((stride, i) => (dimensions.includes(i) ? -stride : stride));
    const last = shape.map((size, i) => (dimensions.includes(i) ? size - 1 : 0));
    return [strided(x, shape, strides, dot(last, plain))];
  },
  slice: (inputs, { start, strides: steps }, [out]) => {
    const x = at(inputs, 0);
    const plain = rowMajor(x.type.shape);
    const strides = plain.map((stride, i) => stride * at(steps, i));
    return [strided(x, out!.shape, strides, dot(start, plain))];
  },
  pad: (inputs, { low, interior }, [type]) => {
    const [x, value] = [at(inputs, 0), at(inputs, 1)];
    const { shape } = x.type;
    const padded = type!.shape;
    const steps = interior.map((n) => n + 1);
    // Negative padding crops: of each axis only the indices [first, end) land inside.
    const first = low.map((n, i) => Math.max(0, Math.ceil(-n / at(steps, i))));
    const end = low.map((n, i) =>
      Math.min(at(shape, i), Math.ceil((at(padded, i) - n) / at(steps, i))),
    );
    const kept = first.map((from, i) => Math.max(0, at(end, i) - from));
    const out = allocate(type!.dtype, sizeOf(padded)).fill(value.data[0]!);
    const plain = rowMajor(shape);
    const target = rowMajor(padded);
    const corner = first.map((from, i) => at(low, i) + from * at(steps, i));
    const strides = target.map((stride, i) => stride * at(steps, i));
    const to = offsets(kept, strides, dot(corner, target));
    copyElements(out, to, x.data, offsets(kept, plain, dot(first, plain)));
    return [out];
  },
  concatenate: (inputs, { dimension }, [type]) => {
    const out = allocate(type!.dtype, sizeOf(type!.shape));
    const strides = rowMajor(type!.shape);
    let start = 0;
    for (const x of inputs) {
      const to = offsets(x.type.shape, strides, start * at(strides, dimension));
      for (let i = 0; i < to.length; i++) out[to[i]!] = x.data[i]!;
      start += at(x.type.shape, dimension);
    }
    return [out];
  },
  dynamic_slice: ([x, ...starts], { sizes }) => {
    const { shape } = x!.type;
    const strides = rowMajor(shape);
    return [strided(x!, sizes, strides, dot(blockStart(starts, shape, sizes), strides))];
  },
  dynamic_update_slice: ([x, update, ...starts]) => {
    const { shape } = x!.type;
    const block = update!.type.shape;
    const strides = rowMajor(shape);
    const to = offsets(block, strides, dot(blockStart(starts, shape, block), strides));
    const out = x!.data.slice();
    for (let i = 0; i < to.length; i++) out[to[i]!] = update!.data[i]!;
    return [out];
  },
};
