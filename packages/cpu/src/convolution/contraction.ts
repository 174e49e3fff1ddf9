import { at, type ConvAttrs, type Shape } from "@layerwise/autodiff/executor";
import type { Buffer } from "../kernel/kernel.ts";
import type { Axis } from "../product/axes.ts";

/**
 * A convolution without borders: every sum runs over elements that exist, evenly spaced. An axis of
 * the result has strides in [input, kernel, result], a summed axis in [input, kernel].
 */
export interface Contraction {
  readonly input: Buffer;
  readonly kernel: Buffer;
  readonly out: Buffer;
  /** Place of the first element in input, kernel and result. */
  readonly offsets: readonly [number, number, number];
  readonly groups: Axis;
  /** Axes of batch and space. */
  readonly pixels: readonly Axis[];
  /** Output features of a group. */
  readonly features: Axis;
  readonly summed: readonly Axis[];
}

/** Elements between neighbours of a row-major array. */
export const stridesOf = (shape: Shape): number[] =>
  shape.map((_, i) => shape.slice(i + 1).reduce((n, d) => n * d, 1));

const pick = (list: readonly number[], axes: readonly number[]): number[] =>
  axes.map((axis) => at(list, axis));

/** An array, or evenly spaced elements of one. */
export interface Placed {
  readonly buffer: Buffer;
  readonly shape: Shape;
  readonly strides: readonly number[];
  /** Place of the first element. */
  readonly offset: number;
}

/**
 * The contractions that make up a convolution: one, unless there are groups of both features and
 * the batch, whose blocks of output features are contractions of their own.
 */
export const contractionsOf = (
  attrs: ConvAttrs,
  covered: Placed,
  kernel: Placed,
  out: Placed,
): readonly Contraction[] => {
  const { dims, featureGroups, batchGroups } = attrs;
  const [x, w, y] = [covered.strides, kernel.strides, out.strides];
  const depth = at(kernel.shape, dims.rhsInputFeature);
  const batches = at(out.shape, dims.outBatch);
  const features = at(out.shape, dims.outFeature);
  const xSpace = pick(x, dims.lhsSpatial);
  const ySpace = pick(y, dims.outSpatial);
  const wSpace = pick(w, dims.rhsSpatial);
  const wFeature = at(w, dims.rhsOutputFeature);
  const yFeature = at(y, dims.outFeature);
  const featureStep = depth * at(x, dims.lhsFeature);
  const batchStep = batches * at(x, dims.lhsBatch);
  const common = { input: covered.buffer, kernel: kernel.buffer, out: out.buffer };
  const pixels: Axis[] = [
    { size: batches, strides: [at(x, dims.lhsBatch), 0, at(y, dims.outBatch)] },
    ...pick(out.shape, dims.outSpatial).map((size, i) => ({
      size,
      strides: [at(attrs.strides, i) * at(xSpace, i), 0, at(ySpace, i)],
    })),
  ];
  const summed: Axis[] = [
    ...pick(kernel.shape, dims.rhsSpatial).map((size, i) => ({
      size,
      strides: [at(attrs.rhsDilation, i) * at(xSpace, i), at(wSpace, i)],
    })),
    { size: depth, strides: [at(x, dims.lhsFeature), at(w, dims.rhsInputFeature)] },
  ];
  const block = (groups: number, step: number, offsets: Contraction["offsets"], count: number) => ({
    ...common,
    offsets,
    groups: {
      size: groups,
      strides: [step, (count / groups) * wFeature, (count / groups) * yFeature],
    },
    pixels,
    features: { size: count / groups, strides: [0, wFeature, yFeature] },
    summed,
  });
  const first = covered.offset;
  if (featureGroups === 1 || batchGroups === 1) {
    const step = featureGroups > 1 ? featureStep : batchStep;
    return [block(featureGroups * batchGroups, step, [first, kernel.offset, out.offset], features)];
  }
  const blocks = featureGroups * batchGroups;
  const count = features / blocks;
  return Array.from({ length: blocks }, (_, i) => {
    const [f, b] = [Math.floor(i / batchGroups), Math.floor(i / featureGroups)];
    const start = first + f * featureStep + b * batchStep;
    return block(
      1,
      0,
      [start, kernel.offset + i * count * wFeature, out.offset + i * count * yFeature],
      count,
    );
  });
};
