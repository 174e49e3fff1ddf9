import { at, type Shape, sizeOf } from "@layerwise/autodiff/executor";
import type { Allocator, Buffer, Kernel, KernelContext } from "../kernel/kernel.ts";
import { setEnd } from "../product/axes.ts";
import { advance } from "../product/tile.ts";
import type { Local } from "../wasm/locals.ts";
import { stridesOf } from "./contraction.ts";

const ELEMENTS_PER_CHUNK = 32768;

/** An axis of the padded array: element i is element (i − low) / dilation of the array, or 0. */
interface PaddedAxis {
  readonly size: number;
  readonly from: number;
  readonly low: number;
  readonly dilation: number;
}

const untouched = ({ size, from, low, dilation }: PaddedAxis): boolean =>
  low === 0 && dilation === 1 && size === from;

/** Copies an array into one with zeros around and between its elements. */
const padKernel = (source: Buffer, target: Buffer, axes: readonly PaddedAxis[]): Kernel => {
  const last = axes.findLastIndex((axis) => !untouched(axis));
  const unit = sizeOf(axes.slice(last + 1).map(({ size }) => size));
  const line = at(axes, last);
  const outer = axes.slice(0, last);
  const strides = stridesOf(axes.map(({ from }) => from));
  const lines = sizeOf(outer.map(({ size }) => size));
  const lineBytes = 4 * unit * line.size;
  const perChunk = Math.max(
    1,
    Math.floor(ELEMENTS_PER_CHUNK / (unit * line.size)),
    Math.ceil(lines / 512),
  );
  // Elements of the line that have a place: first ≤ i < end.
  const first = Math.max(0, Math.ceil(-line.low / line.dilation));
  const end = Math.min(line.from, Math.floor((line.size - 1 - line.low) / line.dilation) + 1);
  const emit = ({ code, chunk, address }: KernelContext): void => {
    const local = (): Local => code.local("i32");
    const [n, stop, to, from, rest, position, i] = [
      local(),
      local(),
      local(),
      local(),
      local(),
      local(),
      local(),
    ];
    const [sourceAt, targetAt] = [address(source), address(target)];
    code.get(chunk).i32(perChunk).op("i32.mul").set(n);
    setEnd(code, stop, n, perChunk, lines);
    code.forUntil(n, stop, 1, () => {
      code.get(targetAt).get(n).i32(lineBytes).op("i32.mul").op("i32.add").set(to);
      code.get(to).i32(0).i32(lineBytes).memoryFill();
      if (end <= first) return;
      code.block((skip) => {
        code.get(n).set(rest);
        code.get(sourceAt).set(from);
        for (let axis = last - 1; axis >= 0; axis--) {
          const { size, from: length, low, dilation } = at(outer, axis);
          code.get(rest).i32(size).op("i32.rem_u").i32(low).op("i32.sub").set(position);
          code.get(rest).i32(size).op("i32.div_u").set(rest);
          if (dilation > 1) {
            code.get(position).i32(dilation).op("i32.rem_s").brIf(skip);
            code.get(position).i32(dilation).op("i32.div_s").set(position);
          }
          code.get(position).i32(length).op("i32.ge_u").brIf(skip);
          code
            .get(position)
            .i32(4 * at(strides, axis))
            .op("i32.mul")
            .get(from)
            .op("i32.add");
          code.set(from);
        }
        advance(code, from, 4 * unit * first);
        advance(code, to, 4 * unit * (first * line.dilation + line.low));
        if (line.dilation === 1) {
          code
            .get(to)
            .get(from)
            .i32(4 * unit * (end - first))
            .memoryCopy();
          return;
        }
        code.i32(0).set(i);
        code.forUntil(i, end - first, 1, () => {
          if (unit === 1) code.get(to).get(from).memory("i32.load").memory("i32.store");
          else
            code
              .get(to)
              .get(from)
              .i32(4 * unit)
              .memoryCopy();
          advance(code, from, 4 * unit);
          advance(code, to, 4 * unit * line.dilation);
        });
      });
    });
  };
  return {
    name: "convolution: pad",
    reads: [source],
    writes: [target],
    chunks: Math.max(1, Math.ceil(lines / perChunk)),
    cost: target.size / 2,
    emit,
  };
};

/** Positions, first and last, that windows reach along an axis whose elements stand `dilation` apart. */
export interface Reach {
  readonly first: number;
  readonly last: number;
  readonly dilation: number;
}

/** An array that has an element at every position in reach: the input itself, or a copy with zeros. */
export interface Cover {
  readonly buffer: Buffer;
  readonly shape: Shape;
  /** The position along each axis where the array starts. */
  readonly origin: readonly number[];
  readonly kernels: readonly Kernel[];
}

/** Covers what is in reach along each axis; undefined: the axis as it is. */
export const coverInput = (
  input: Buffer,
  shape: Shape,
  reaches: readonly (Reach | undefined)[],
  allocator: Allocator,
): Cover => {
  const fits = shape.every((size, i) => {
    const reach = reaches[i];
    if (reach === undefined) return true;
    return reach.dilation === 1 && reach.first >= 0 && reach.last < size;
  });
  if (fits) return { buffer: input, shape, origin: shape.map(() => 0), kernels: [] };
  const axes = shape.map((from, i): PaddedAxis => {
    const { first, last, dilation } = reaches[i] ?? { first: 0, last: from - 1, dilation: 1 };
    return { size: last - first + 1, from, low: -first, dilation };
  });
  const padded = axes.map(({ size }) => size);
  const buffer = allocator.temporary(input.dtype, sizeOf(padded));
  const origin = axes.map(({ low }) => -low);
  return { buffer, shape: padded, origin, kernels: [padKernel(input, buffer, axes)] };
};
