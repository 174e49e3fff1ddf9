import { at, sizeOf, windowCount } from "../ir/shape.ts";
import type { Shape, Window, WindowOp } from "../ir/types.ts";
import { binaryFunction } from "./arithmetic.ts";
import { rowMajor } from "./offsets.ts";
import { identity } from "./reduction.ts";
import { allocate, type HostData, type HostKernel } from "./tensor.ts";

type Windowed = WindowOp;

/**
 * Calls `visit` with the number of each window, in row-major order, and with the offsets of those
 * of its elements that are not padding: the first `count` entries of a buffer that is used again.
 */
const forEachWindow = (
  shape: Shape,
  window: Window,
  visit: (index: number, elements: Int32Array, count: number) => void,
): void => {
  const strides = rowMajor(shape);
  const rank = shape.length;
  // A scalar has one window, which holds one element.
  const buffer = new Int32Array(sizeOf(window.dimensions));
  const counts = shape.map((d, i) =>
    windowCount(d, at(window.dimensions, i), at(window.strides, i), at(window.padding, i)),
  );
  const total = sizeOf(counts);
  const position = new Array<number>(rank).fill(0);
  for (let index = 0; index < total; index++) {
    let count = 1;
    buffer[0] = 0;
    let rest = index;
    for (let axis = rank - 1; axis >= 0; axis--) {
      position[axis] = rest % counts[axis]!;
      rest = Math.floor(rest / counts[axis]!);
    }
    for (let axis = 0; axis < rank && count > 0; axis++) {
      const start = position[axis]! * at(window.strides, axis) - at(window.padding, axis)[0];
      const first = Math.max(0, start);
      const end = Math.min(shape[axis]!, start + at(window.dimensions, axis));
      const width = Math.max(0, end - first);
      // From the last entry back, so that what is still to be read is not overwritten.
      for (let e = count - 1; e >= 0; e--) {
        const base = buffer[e]!;
        for (let k = width - 1; k >= 0; k--) {
          buffer[e * width + k] = base + (first + k) * strides[axis]!;
        }
      }
      count *= width;
    }
    visit(index, buffer, count);
  }
};

/** Offset of the first maximum among elements of `x`, NaN being above all; −1 of none. */
const firstMaximum = (x: HostData, elements: Int32Array, count: number): number => {
  let best = count === 0 ? -1 : elements[0]!;
  for (let e = 1; e < count && !Number.isNaN(x[best]!); e++) {
    const value = x[elements[e]!]!;
    if (value > x[best]! || Number.isNaN(value)) best = elements[e]!;
  }
  return best;
};

/** Evaluation of operations over sliding windows. */
export const hostWindow: { readonly [K in Windowed]: HostKernel<K> } = {
  reduce_window: (inputs, attrs, [type]) => {
    const { data, type: from } = at(inputs, 0);
    const combine = binaryFunction(attrs.monoid, from.dtype);
    const out = allocate(from.dtype, sizeOf(type!.shape));
    forEachWindow(from.shape, attrs, (index, elements, count) => {
      let result = identity(attrs.monoid, from.dtype);
      for (let e = 0; e < count; e++) result = combine(result, data[elements[e]!]!);
      out[index] = result;
    });
    return [out];
  },
  select_and_scatter: (inputs, attrs, [type]) => {
    const [x, source] = [at(inputs, 0), at(inputs, 1)];
    const out = allocate(type!.dtype, x.data.length);
    forEachWindow(x.type.shape, attrs, (index, elements, count) => {
      const target = firstMaximum(x.data, elements, count);
      if (target >= 0) out[target] = out[target]! + source.data[index]!;
    });
    return [out];
  },
  // A window of padding only has no maximum and yields 0, which keeps this the exact transpose.
  select_and_gather: (inputs, attrs, [type]) => {
    const [x, values] = [at(inputs, 0), at(inputs, 1)];
    const out = allocate(type!.dtype, sizeOf(type!.shape));
    forEachWindow(x.type.shape, attrs, (index, elements, count) => {
      const source = firstMaximum(x.data, elements, count);
      if (source >= 0) out[index] = values.data[source]!;
    });
    return [out];
  },
};
