import type { Builder } from "../../ir/builder.ts";
import { at, dilated, range } from "../../ir/shape.ts";
import type { ConvAttrs, ConvDims, Shape, Value } from "../../ir/types.ts";
import { given } from "../tangent.ts";
import type { TransposeArgs } from "../types.ts";

type Args = TransposeArgs<"convolution">;

/** Splits an axis into [size, rest]. */
const splitAxis = (b: Builder, x: Value, axis: number, size: number): Value => {
  const { shape } = x.type;
  return b.reshape(x, [
    ...shape.slice(0, axis),
    size,
    at(shape, axis) / size,
    ...shape.slice(axis + 1),
  ]);
};

/** Moves axis `from` in front of the axis that has number `into` without it, and merges the two. */
const mergeAxis = (b: Builder, x: Value, from: number, into: number): Value => {
  const order = range(x.type.shape.length).filter((i) => i !== from);
  order.splice(into, 0, from);
  const moved = b.transpose(x, order);
  const { shape } = moved.type;
  const size = at(shape, into) * at(shape, into + 1);
  return b.reshape(moved, [...shape.slice(0, into), size, ...shape.slice(into + 2)]);
};

interface Axis {
  readonly input: number;
  readonly window: number;
  readonly output: number;
  readonly low: number;
}

/** Sizes of one spatial axis as the elements stand apart in the convolution, and its low padding. */
const spatialAxes = (attrs: ConvAttrs, lhs: Shape, rhs: Shape, out: Shape): Axis[] =>
  attrs.strides.map((stride, i) => ({
    input: dilated(at(lhs, at(attrs.dims.lhsSpatial, i)), at(attrs.lhsDilation, i)),
    window: dilated(at(rhs, at(attrs.dims.rhsSpatial, i)), at(attrs.rhsDilation, i)),
    output: dilated(at(out, at(attrs.dims.outSpatial, i)), stride),
    low: at(at(attrs.padding, i), 0),
  }));

/**
 * Cotangent of the input: the output's cotangent, dilated by the strides, convolved with the
 * reversed kernel whose feature axes have changed places.
 */
export const convolutionLhs = (b: Builder, args: Args): Value => {
  const { attrs, types, operand, cotangents } = args;
  const { dims, featureGroups, batchGroups } = attrs;
  if (featureGroups > 1 && batchGroups > 1) {
    throw new Error("transpose: convolution with groups of features and of the batch");
  }
  const ct = given(cotangents);
  const kernel = operand(1);
  const groups = featureGroups > 1 ? featureGroups : batchGroups;
  const { rhsOutputFeature, rhsInputFeature } = dims;
  const grouped =
    groups > 1
      ? mergeAxis(
          b,
          splitAxis(b, kernel, rhsOutputFeature, groups),
          rhsOutputFeature,
          rhsInputFeature,
        )
      : kernel;
  const padding = spatialAxes(attrs, at(types, 0).shape, kernel.type.shape, ct.type.shape).map(
    ({ input, window, output, low }): readonly [number, number] => {
      const before = window - low - 1;
      return [before, input + window - 1 - output - before];
    },
  );
  const turned: ConvDims = {
    lhsBatch: dims.outBatch,
    lhsFeature: dims.outFeature,
    lhsSpatial: dims.outSpatial,
    rhsInputFeature: rhsOutputFeature,
    rhsOutputFeature: rhsInputFeature,
    rhsSpatial: dims.rhsSpatial,
    outBatch: dims.lhsBatch,
    outFeature: dims.lhsFeature,
    outSpatial: dims.lhsSpatial,
  };
  const result = b.conv(ct, b.reverse(grouped, dims.rhsSpatial), {
    dims: turned,
    strides: attrs.lhsDilation,
    padding,
    lhsDilation: attrs.strides,
    rhsDilation: attrs.rhsDilation,
    featureGroups: groups,
    batchGroups: 1,
  });
  if (batchGroups === 1) return result;
  return mergeAxis(
    b,
    splitAxis(b, result, dims.lhsFeature, batchGroups),
    dims.lhsFeature,
    dims.lhsBatch,
  );
};

/**
 * Cotangent of the kernel: the input convolved with the output's cotangent, in which batch and
 * features have changed places and strides and dilations too.
 */
export const convolutionRhs = (b: Builder, args: Args): Value => {
  const { attrs, types, operand, cotangents } = args;
  const { dims } = attrs;
  const ct = given(cotangents);
  const input = operand(0);
  const padding = spatialAxes(attrs, input.type.shape, at(types, 1).shape, ct.type.shape).map(
    ({ input, window, output, low }): readonly [number, number] => [
      low,
      output - input + window - low - 1,
    ],
  );
  const turned: ConvDims = {
    lhsBatch: dims.lhsFeature,
    lhsFeature: dims.lhsBatch,
    lhsSpatial: dims.lhsSpatial,
    rhsInputFeature: dims.outBatch,
    rhsOutputFeature: dims.outFeature,
    rhsSpatial: dims.outSpatial,
    outBatch: dims.rhsInputFeature,
    outFeature: dims.rhsOutputFeature,
    outSpatial: dims.rhsSpatial,
  };
  return b.conv(input, ct, {
    dims: turned,
    strides: attrs.rhsDilation,
    padding,
    lhsDilation: attrs.lhsDilation,
    rhsDilation: attrs.strides,
    featureGroups: attrs.batchGroups,
    batchGroups: attrs.featureGroups,
  });
};
