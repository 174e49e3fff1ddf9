import { type Infer, operands, reject } from "./check.ts";
import { at, dilated, sizeOf } from "./shape.ts";
import type { ConversionOp, DynamicSliceOp, MovementOp, Shape, TensorType } from "./types.ts";

type Movement = MovementOp | DynamicSliceOp | ConversionOp;

const first = (op: string, inputs: readonly TensorType[]): TensorType => operands(op, inputs, 1)[0];

const checkStarts = (op: string, inputs: readonly TensorType[], skip: number, rank: number) => {
  const starts = inputs.slice(skip);
  if (starts.length !== rank || starts.some((s) => s.dtype !== "i32" || s.shape.length > 0)) {
    reject(op, inputs, `expected ${rank} i32 scalars as starts`);
  }
};

const dynamicSlice = (inputs: readonly TensorType[], sizes: Shape): TensorType => {
  const x = at(inputs, 0);
  checkStarts("dynamic_slice", inputs, 1, x.shape.length);
  if (sizes.length !== x.shape.length || sizes.some((s, i) => s > at(x.shape, i))) {
    reject("dynamic_slice", inputs, `sizes [${sizes}] exceed the operand`);
  }
  return { shape: sizes, dtype: x.dtype };
};

/** Type rules of constants and of operations that only move or reinterpret elements. */
export const inferMovement: { readonly [K in Movement]: Infer<K> } = {
  constant: (_, { type, data }) => {
    const size = sizeOf(type.shape);
    if (data.length !== size && data.length !== 1) {
      throw new Error(`constant: ${data.length} elements for shape [${type.shape}]`);
    }
    return [type];
  },
  iota: (_, { type, dimension }) => {
    at(type.shape, dimension);
    return [type];
  },
  convert: (inputs, { dtype }) => [{ shape: first("convert", inputs).shape, dtype }],
  bitcast_convert: (inputs, { dtype }) => {
    const x = first("bitcast_convert", inputs);
    if ([x.dtype, dtype].some((d) => d === "bool" || d === "f16")) {
      reject("bitcast_convert", inputs, `expected 32-bit types on both sides (to ${dtype})`);
    }
    return [{ shape: x.shape, dtype }];
  },
  broadcast_in_dim: (inputs, { shape, dimensions }) => {
    const x = first("broadcast_in_dim", inputs);
    const fits =
      dimensions.length === x.shape.length &&
      dimensions.every(
        (d, i) =>
          (x.shape[i] === 1 || x.shape[i] === shape[d]) && (i === 0 || d > at(dimensions, i - 1)),
      );
    if (!fits) {
      reject("broadcast_in_dim", inputs, `cannot stretch along axes [${dimensions}] to [${shape}]`);
    }
    return [{ shape, dtype: x.dtype }];
  },
  reshape: (inputs, { shape }) => {
    const x = first("reshape", inputs);
    if (sizeOf(x.shape) !== sizeOf(shape)) reject("reshape", inputs, `cannot become [${shape}]`);
    return [{ shape, dtype: x.dtype }];
  },
  transpose: (inputs, { permutation }) => {
    const x = first("transpose", inputs);
    const sorted = [...permutation].sort((a, b) => a - b);
    if (permutation.length !== x.shape.length || sorted.some((p, i) => p !== i)) {
      reject("transpose", inputs, `[${permutation}] is no permutation of the axes`);
    }
    return [{ shape: permutation.map((p) => at(x.shape, p)), dtype: x.dtype }];
  },
  reverse: (inputs, { dimensions }) => {
    const x = first("reverse", inputs);
    for (const d of dimensions) at(x.shape, d);
    return [x];
  },
  slice: (inputs, { start, limit, strides }) => {
    const x = first("slice", inputs);
    const shape = x.shape.map((size, i) => {
      const [lo, hi, step] = [at(start, i), at(limit, i), at(strides, i)];
      if (lo < 0 || hi > size || lo > hi || step < 1) {
        reject("slice", inputs, `axis ${i}: [${lo}, ${hi}) step ${step} lies outside`);
      }
      return Math.ceil((hi - lo) / step);
    });
    return [{ shape, dtype: x.dtype }];
  },
  pad: (inputs, { low, high, interior }) => {
    const [x, value] = operands("pad", inputs, 2);
    if (value.dtype !== x.dtype || value.shape.length > 0) {
      reject("pad", inputs, "expected a scalar of the operand's dtype as padding value");
    }
    const shape = x.shape.map((size, i) => {
      const padded = at(low, i) + dilated(size, at(interior, i) + 1) + at(high, i);
      if (padded < 0) reject("pad", inputs, `axis ${i} would get size ${padded}`);
      return padded;
    });
    return [{ shape, dtype: x.dtype }];
  },
  concatenate: (inputs, { dimension }) => {
    const x = at(inputs, 0);
    const fits = inputs.every(
      (y) =>
        y.dtype === x.dtype &&
        y.shape.length === x.shape.length &&
        y.shape.every((d, i) => i === dimension || d === x.shape[i]),
    );
    if (!fits) reject("concatenate", inputs, `operands must agree outside axis ${dimension}`);
    const total = inputs.reduce((n, y) => n + at(y.shape, dimension), 0);
    return [{ shape: x.shape.map((d, i) => (i === dimension ? total : d)), dtype: x.dtype }];
  },
  dynamic_slice: (inputs, { sizes }) => [dynamicSlice(inputs, sizes)],
  dynamic_update_slice: (inputs) => {
    const [x, update] = [at(inputs, 0), at(inputs, 1)];
    checkStarts("dynamic_update_slice", inputs, 2, x.shape.length);
    const fits =
      update.dtype === x.dtype &&
      update.shape.length === x.shape.length &&
      update.shape.every((d, i) => d <= at(x.shape, i));
    if (!fits) reject("dynamic_update_slice", inputs, "the update must fit into the operand");
    return [x];
  },
};
