import { at, range, sizeOf } from "../../ir/shape.ts";
import type { TensorType, Value, Window } from "../../ir/types.ts";
import type { KernelCall } from "./kernel-call.ts";
import type { Family, Lowering } from "./lowering.ts";
import { arithmetic, float } from "./operands.ts";
import { filterSize, layoutOf, type Sliding, slidingOf } from "./window.ts";

/** Pooling kernels and their gradients. */
export type PoolingKernel =
  | "AvgPool"
  | "AvgPool3D"
  | "AvgPool3DGrad"
  | "AvgPoolGrad"
  | "MaxPool"
  | "MaxPool3D"
  | "MaxPool3DGrad"
  | "MaxPoolGrad"
  | "MaxPoolWithArgmax";

const slidingOver = (call: KernelCall, x: TensorType): Sliding => {
  const rank = x.shape.length;
  if (rank !== 4 && rank !== 5) throw call.error(`expected rank 4 or 5, got [${x.shape}]`);
  return slidingOf(call, x.shape, layoutOf(call, rank), filterSize(call, rank - 2));
};

/** One number per axis of the image: the spatial ones given, the others `rest`. */
const perAxis = <T>(slide: Sliding, spatial: readonly T[], rest: T): T[] =>
  range(slide.layout.spatial.length + 2).map((axis) => {
    const i = slide.layout.spatial.indexOf(axis);
    return i < 0 ? rest : at(spatial, i);
  });

/** The window, and how much of the image it never reaches: windows pad but do not crop. */
const windowOf = (slide: Sliding): { window: Window; crop: (readonly [number, number])[] } => {
  const none = [0, 0] as const;
  const padding = slide.padding.map(([l, h]) => [Math.max(l, 0), Math.max(h, 0)] as const);
  const crop = slide.padding.map(([l, h]) => [Math.min(l, 0), Math.min(h, 0)] as const);
  const window = {
    dimensions: perAxis(slide, slide.window, 1),
    strides: perAxis(slide, slide.strides, 1),
    padding: perAxis<readonly [number, number]>(slide, padding, none),
  };
  return { window, crop: perAxis<readonly [number, number]>(slide, crop, none) };
};

// Negative amounts crop.
const padBy = (
  call: KernelCall,
  x: Value,
  amounts: readonly (readonly [number, number])[],
): Value =>
  call.b.pad(
    x,
    amounts.map(([low]) => low),
    amounts.map(([, high]) => high),
  );

const maxPool: Lowering = (call) => {
  const x = arithmetic(call.b, call.input("x"));
  const { window, crop } = windowOf(slidingOver(call, x.type));
  return call.b.one("reduce_window", [padBy(call, x, crop)], { ...window, monoid: "maximum" });
};

// How many elements of the image each window holds, as the factors of its axes.
const counts = (slide: Sliding, axis: number): number[] =>
  range(at(slide.out, axis)).map((o) => {
    const start = o * at(slide.strides, axis) - at(slide.padding, axis)[0];
    const end = Math.min(start + at(slide.window, axis), at(slide.input, axis));
    return end - Math.max(start, 0);
  });

const avgPool: Lowering = (call) => {
  const { b } = call;
  const x = float(b, call.input("x"));
  const slide = slidingOver(call, x.type);
  const { window, crop } = windowOf(slide);
  const sum = b.one("reduce_window", [padBy(call, x, crop)], { ...window, monoid: "add" });
  const full = slide.window.reduce((n, d) => n * d, 1);
  const perAxisCounts = slide.window.map((_, i) => counts(slide, i));
  if (perAxisCounts.every((list, i) => list.every((n) => n === slide.window[i]))) {
    return b.scale(sum, 1 / full);
  }
  // Padding does not count: divide axis by axis by the number of real elements. The mean of none is 0.
  return perAxisCounts.reduce((y, list, i) => {
    const weights = b.constant(
      { shape: [list.length], dtype: "f32" },
      Float64Array.from(list, (n) => (n > 0 ? 1 / n : 0)),
    );
    return b.mul(y, b.broadcastInDim(weights, y.type.shape, [at(slide.layout.spatial, i)]));
  }, sum);
};

// As in tfjs every element gets dy / (size of the window), even where the window hangs over the edge.
const avgPoolGrad: Lowering = (call) => {
  const { b } = call;
  const [dy, x] = [float(b, call.input("dy")), call.input("input")];
  const slide = slidingOver(call, x.type);
  const reach = perAxis(
    slide,
    slide.window.map((w) => w - 1),
    0,
  );
  const low = perAxis(
    slide,
    slide.padding.map(([l]) => l),
    0,
  );
  const interior = perAxis(
    slide,
    slide.strides.map((s) => s - 1),
    0,
  );
  const spread = dy.type.shape.map((d, i) => (d === 0 ? 0 : (d - 1) * (at(interior, i) + 1) + 1));
  const before = reach.map((r, i) => r - at(low, i));
  const after = x.type.shape.map((d, i) => d - at(spread, i) + at(low, i));
  const ones = perAxis(
    slide,
    slide.strides.map(() => 1),
    1,
  );
  const total = b.one("reduce_window", [b.pad(dy, before, after, interior)], {
    dimensions: perAxis(slide, slide.window, 1),
    strides: ones,
    padding: ones.map(() => [0, 0]),
    monoid: "add",
  });
  return b.scale(total, 1 / slide.window.reduce((n, d) => n * d, 1));
};

const maxPoolGrad: Lowering = (call) => {
  const { b } = call;
  const [dy, x] = [float(b, call.input("dy")), float(b, call.input("input"))];
  const { window, crop } = windowOf(slidingOver(call, x.type));
  const scattered = b.one("select_and_scatter", [padBy(call, x, crop), dy], window);
  return padBy(
    call,
    scattered,
    crop.map(([low, high]) => [0 - low, 0 - high] as const),
  );
};

const maxPoolWithArgmax: Lowering = (call) => {
  const { b } = call;
  const x = arithmetic(b, call.input("x"));
  const { shape } = x.type;
  const perImage = call.flag("includeBatchInIndex") ? shape : [1, ...shape.slice(1)];
  const flat = b.iota({ shape: [sizeOf(perImage)], dtype: "i32" }, 0);
  const positions = b.broadcastTo(b.reshape(flat, perImage), shape);
  const { window, crop } = windowOf(slidingOver(call, x.type));
  const cropped = padBy(call, x, crop);
  return [
    b.one("reduce_window", [cropped], { ...window, monoid: "maximum" }),
    b.one("select_and_gather", [cropped, padBy(call, positions, crop)], window),
  ];
};

/** Lowerings of pooling. */
export const pooling: Family<PoolingKernel> = {
  AvgPool: avgPool,
  AvgPool3D: avgPool,
  AvgPool3DGrad: avgPoolGrad,
  AvgPoolGrad: avgPoolGrad,
  MaxPool: maxPool,
  MaxPool3D: maxPool,
  MaxPool3DGrad: maxPoolGrad,
  MaxPoolGrad: maxPoolGrad,
  MaxPoolWithArgmax: maxPoolWithArgmax,
};
