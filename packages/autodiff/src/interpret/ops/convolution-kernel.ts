import { at, sizeOf } from "../../ir/shape.ts";
import type { ConvAttrs, Shape, TensorType } from "../../ir/types.ts";
import type { Emitter } from "../emitter.ts";
import { flip, pad, transpose } from "../move.ts";
import { type Ref, view } from "../ref.ts";

// tfjs's kernels want images [batch, height, width, features] and filters [height, width, input
// features, output features]. Axes in another order are moved there first.

type Pair = readonly [number, number];

/** A convolution over two spatial axes in tfjs's layout. */
interface Planar {
  readonly x: Ref;
  readonly w: Ref;
  readonly strides: Pair;
  readonly padding: readonly [Pair, Pair];
  readonly lhsDilation: Pair;
  readonly rhsDilation: Pair;
  readonly out: readonly [number, number, number, number];
}

const two = <T>(list: readonly T[], filler: T): readonly [T, T] =>
  list.length === 2 ? [at(list, 0), at(list, 1)] : [filler, at(list, 0)];

/** A single spatial axis becomes the width of images of height 1. */
const planar = (x: Shape): Shape => (x.length === 4 ? x : [at(x, 0), 1, ...x.slice(1)]);

const layout = (e: Emitter, lhs: Ref, rhs: Ref, a: ConvAttrs, type: TensorType): Planar => {
  const { dims } = a;
  const x = transpose(e, lhs, [dims.lhsBatch, ...dims.lhsSpatial, dims.lhsFeature]);
  const w = transpose(e, rhs, [...dims.rhsSpatial, dims.rhsInputFeature, dims.rhsOutputFeature]);
  const out = [dims.outBatch, ...dims.outSpatial, dims.outFeature].map((i) => at(type.shape, i));
  return {
    x: view(x, planar(x.shape)),
    w: view(w, w.shape.length === 4 ? w.shape : [1, ...w.shape]),
    strides: two(a.strides, 1),
    padding: two<Pair>(a.padding, [0, 0]),
    lhsDilation: two(a.lhsDilation, 1),
    rhsDilation: two(a.rhsDilation, 1),
    out: planar(out) as Planar["out"],
  };
};

const isOne = ([a, b]: Pair): boolean => a === 1 && b === 1;

const attributes = (c: Planar) => ({
  strides: c.strides,
  dilations: c.rhsDilation,
  pad: [[0, 0], ...c.padding, [0, 0]],
  dataFormat: "NHWC",
});

const forward = (e: Emitter, c: Planar): Ref =>
  e.kernel("Conv2D", { x: c.x, filter: c.w }, attributes(c), c.out, "float32");

const depthwise = (e: Emitter, c: Planar): Ref => {
  const [height, width, , outputs] = c.w.shape as [number, number, number, number];
  const features = at(c.x.shape, 3);
  const filter = view(c.w, [height, width, features, outputs / features]);
  return e.kernel("DepthwiseConv2dNative", { x: c.x, filter }, attributes(c), c.out, "float32");
};

/** Spread images, filter turned around: the gradient of a strided convolution by its input. */
const inputGradient = (e: Emitter, c: Planar): Ref | undefined => {
  const pads = [0, 1].map((i): Pair | undefined => {
    const [window, stride] = [at(c.w.shape, i), at(c.lhsDilation, i)];
    const [images, result] = [at(c.x.shape, i + 1), at(c.out, i + 1)];
    const low = window - 1 - at(c.padding, i)[0];
    const high = Math.max(0, (images - 1) * stride + window - result - low);
    const fits = Math.trunc((result + low + high - window) / stride) + 1 === images;
    return low >= 0 && fits ? [low, high] : undefined;
  });
  const [vertical, horizontal] = pads;
  if (vertical === undefined || horizontal === undefined) return undefined;
  const turned = flip(e, c.w, [0, 1]);
  const inputs = { dy: c.x, filter: transpose(e, turned, [0, 1, 3, 2]) };
  const attrs = {
    inputShape: c.out,
    strides: c.lhsDilation,
    pad: [[0, 0], vertical, horizontal, [0, 0]],
    dataFormat: "NHWC",
  };
  return e.kernel("Conv2DBackpropInput", inputs, attrs, c.out, "float32");
};

/** The result of `c` is a filter gradient: features of x are its batch, a window as big as dy. */
const filterGradient = (e: Emitter, c: Planar): Ref | undefined => {
  const [inputs, height, width, outputs] = c.out;
  const pads = [0, 1].map((i): Pair | undefined => {
    const [stride, dy] = [at(c.rhsDilation, i), at(c.w.shape, i)];
    const [low, high] = at(c.padding, i);
    const span = at(c.x.shape, i + 1) + low + high - at([height, width], i);
    return low >= 0 && high >= 0 && Math.trunc(span / stride) + 1 === dy ? [low, high] : undefined;
  });
  const [vertical, horizontal] = pads;
  if (vertical === undefined || horizontal === undefined) return undefined;
  const x = transpose(e, c.x, [3, 1, 2, 0]);
  const dy = transpose(e, c.w, [2, 0, 1, 3]);
  const filterShape = [height, width, inputs, outputs];
  const attrs = {
    filterShape,
    strides: c.rhsDilation,
    pad: [[0, 0], vertical, horizontal, [0, 0]],
    dataFormat: "NHWC",
  };
  const made = e.kernel("Conv2DBackpropFilter", { x, dy }, attrs, filterShape, "float32");
  return transpose(e, made, [2, 0, 1, 3]);
};

const choose = (e: Emitter, c: Planar, groups: number): Ref | undefined => {
  const padded = c.padding.flat().every((n) => n >= 0);
  const window = sizeOf(c.w.shape.slice(0, 2));
  const large = window > sizeOf(c.out.slice(1, 3));
  const dense = isOne(c.lhsDilation);
  const simple = isOne(c.strides) || isOne(c.rhsDilation);
  if (groups > 1) {
    const separate = groups === at(c.x.shape, 3) && at(c.w.shape, 2) === 1;
    return separate && dense && padded && simple && !large ? depthwise(e, c) : undefined;
  }
  if (large) {
    // wasm lacks this kernel, and cpu's is a hundred times slower than matrix products.
    const fits = dense && isOne(c.strides) && !e.target.readsSync;
    return fits ? filterGradient(e, c) : undefined;
  }
  if (dense) return padded && simple ? forward(e, c) : undefined;
  if (!isOne(c.strides) || !isOne(c.rhsDilation)) return undefined;
  // wasm's kernel for this is a plain loop, its Conv2D is fast even on spread images.
  if (e.target.name !== "wasm") return inputGradient(e, c);
  if (!padded) return undefined;
  const [down, across] = c.lhsDilation;
  const none = [0, 0, 0, 0];
  const spread = pad(e, c.x, none, none, [0, down - 1, across - 1, 0], 0);
  return forward(e, { ...c, x: spread, lhsDilation: [1, 1] });
};

/** The convolution by one of tfjs's kernels, or undefined where none fits. */
export const convolutionKernel = (
  e: Emitter,
  lhs: Ref,
  rhs: Ref,
  a: ConvAttrs,
  type: TensorType,
): Ref | undefined => {
  const { dims, batchGroups, featureGroups } = a;
  const spatial = dims.lhsSpatial.length;
  if (batchGroups !== 1 || spatial < 1 || spatial > 2) return undefined;
  const c = layout(e, lhs, rhs, a, type);
  const made = choose(e, c, featureGroups);
  if (made === undefined) return undefined;
  const flat = spatial === 2 ? made : view(made, [c.out[0], c.out[2], c.out[3]]);
  const order = [dims.outBatch, ...dims.outSpatial, dims.outFeature];
  return transpose(
    e,
    flat,
    order.map((_, axis) => order.indexOf(axis)),
  );
};
