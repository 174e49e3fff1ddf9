import { type Infer, operands, reject } from "./check.ts";
import { at, complement, dilated, sameShape, windowCount } from "./shape.ts";
import type { ContractionOp, ReductionOp, Shape, TensorType, Window, WindowOp } from "./types.ts";

type Reduction = WindowOp | ReductionOp | ContractionOp;

const windowShape = (op: string, x: TensorType, w: Window): Shape => {
  if (w.dimensions.length !== x.shape.length) {
    reject(op, [x], `window of rank ${w.dimensions.length} over another rank`);
  }
  return x.shape.map((d, i) =>
    windowCount(d, at(w.dimensions, i), at(w.strides, i), at(w.padding, i)),
  );
};

/** Type rules of operations that combine elements. */
export const inferReduction: { readonly [K in Reduction]: Infer<K> } = {
  reduce: (inputs, { monoid, dimensions }) => {
    const [x] = operands("reduce", inputs, 1);
    for (const d of dimensions) at(x.shape, d);
    const logical = monoid === "and" || monoid === "or";
    if (logical !== (x.dtype === "bool")) {
      reject("reduce", inputs, `${monoid} does not fold ${x.dtype}`);
    }
    const kept = complement(x.shape.length, dimensions);
    return [{ shape: kept.map((i) => at(x.shape, i)), dtype: x.dtype }];
  },
  arg_reduce: (inputs, { dimension }) => {
    const [x] = operands("arg_reduce", inputs, 1);
    if (at(x.shape, dimension) === 0) reject("arg_reduce", inputs, "the axis is empty");
    return [{ shape: x.shape.filter((_, i) => i !== dimension), dtype: "i32" }];
  },
  cumulative: (inputs, { dimension }) => {
    const [x] = operands("cumulative", inputs, 1);
    at(x.shape, dimension);
    return [x];
  },
  dot_general: (inputs, dims) => {
    const [x, y] = operands("dot_general", inputs, 2);
    const pairs = [
      [dims.lhsBatch, dims.rhsBatch],
      [dims.lhsContracting, dims.rhsContracting],
    ] as const;
    for (const [l, r] of pairs) {
      const agree = l.length === r.length && l.every((d, i) => x.shape[d] === y.shape[at(r, i)]);
      if (!agree) reject("dot_general", inputs, `axes [${l}] do not match axes [${r}]`);
    }
    if (x.dtype !== y.dtype) reject("dot_general", inputs, "expected one dtype");
    const free = (t: TensorType, used: readonly number[]) =>
      complement(t.shape.length, used).map((i) => at(t.shape, i));
    const shape = [
      ...dims.lhsBatch.map((d) => at(x.shape, d)),
      ...free(x, [...dims.lhsBatch, ...dims.lhsContracting]),
      ...free(y, [...dims.rhsBatch, ...dims.rhsContracting]),
    ];
    return [{ shape, dtype: x.dtype }];
  },
  convolution: (inputs, attrs) => {
    const [x, w] = operands("convolution", inputs, 2);
    const { dims, featureGroups, batchGroups } = attrs;
    const inputFeatures = at(x.shape, dims.lhsFeature);
    const outputFeatures = at(w.shape, dims.rhsOutputFeature);
    const batch = at(x.shape, dims.lhsBatch);
    const fits =
      x.dtype === w.dtype &&
      inputFeatures === at(w.shape, dims.rhsInputFeature) * featureGroups &&
      outputFeatures % (featureGroups * batchGroups) === 0 &&
      batch % batchGroups === 0;
    if (!fits) reject("convolution", inputs, `features do not fit (groups ${featureGroups})`);
    const shape = new Array<number>(x.shape.length).fill(0);
    shape[dims.outBatch] = batch / batchGroups;
    shape[dims.outFeature] = outputFeatures;
    dims.outSpatial.forEach((axis, i) => {
      const size = dilated(at(x.shape, at(dims.lhsSpatial, i)), at(attrs.lhsDilation, i));
      const window = dilated(at(w.shape, at(dims.rhsSpatial, i)), at(attrs.rhsDilation, i));
      shape[axis] = windowCount(size, window, at(attrs.strides, i), at(attrs.padding, i));
    });
    return [{ shape, dtype: x.dtype }];
  },
  reduce_window: (inputs, attrs) => {
    const [x] = operands("reduce_window", inputs, 1);
    return [{ shape: windowShape("reduce_window", x, attrs), dtype: x.dtype }];
  },
  select_and_scatter: (inputs, attrs) => {
    const [x, source] = operands("select_and_scatter", inputs, 2);
    if (!sameShape(windowShape("select_and_scatter", x, attrs), source.shape)) {
      reject("select_and_scatter", inputs, "expected one source element per window");
    }
    return [{ shape: x.shape, dtype: source.dtype }];
  },
  select_and_gather: (inputs, attrs) => {
    const [x, values] = operands("select_and_gather", inputs, 2);
    if (!sameShape(x.shape, values.shape)) {
      reject("select_and_gather", inputs, "expected operands of one shape");
    }
    return [{ shape: windowShape("select_and_gather", x, attrs), dtype: values.dtype }];
  },
};
