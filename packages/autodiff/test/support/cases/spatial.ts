import type { ConvAttrs, ConvDims, Window, WindowOp } from "../../../src/ir/types.ts";
import { awayFromZero, distinct, exactly, type Sampler, uniform } from "../random.ts";
import { type Cases, example, f32, IEEE, i32, KINK, WRAP } from "./case.ts";

type Spatial = WindowOp | "convolution";

const { NaN: NAN } = Number;

const NWC: ConvDims = {
  lhsBatch: 0,
  lhsFeature: 2,
  lhsSpatial: [1],
  rhsInputFeature: 1,
  rhsOutputFeature: 2,
  rhsSpatial: [0],
  outBatch: 0,
  outFeature: 2,
  outSpatial: [1],
};
const NHWC: ConvDims = {
  lhsBatch: 0,
  lhsFeature: 3,
  lhsSpatial: [1, 2],
  rhsInputFeature: 2,
  rhsOutputFeature: 3,
  rhsSpatial: [0, 1],
  outBatch: 0,
  outFeature: 3,
  outSpatial: [1, 2],
};
const NCHW: ConvDims = {
  lhsBatch: 0,
  lhsFeature: 1,
  lhsSpatial: [2, 3],
  rhsInputFeature: 1,
  rhsOutputFeature: 0,
  rhsSpatial: [2, 3],
  outBatch: 0,
  outFeature: 1,
  outSpatial: [2, 3],
};
// Batch and features exchanged, as in the gradient of a kernel; spatial axes in another order.
const EXCHANGED: ConvDims = {
  lhsBatch: 3,
  lhsFeature: 0,
  lhsSpatial: [2, 1],
  rhsInputFeature: 0,
  rhsOutputFeature: 3,
  rhsSpatial: [1, 2],
  outBatch: 2,
  outFeature: 3,
  outSpatial: [0, 1],
};
const NDHWC: ConvDims = {
  lhsBatch: 0,
  lhsFeature: 4,
  lhsSpatial: [1, 2, 3],
  rhsInputFeature: 3,
  rhsOutputFeature: 4,
  rhsSpatial: [0, 1, 2],
  outBatch: 0,
  outFeature: 4,
  outSpatial: [1, 2, 3],
};
const NO_SPACE: ConvDims = {
  lhsBatch: 0,
  lhsFeature: 1,
  lhsSpatial: [],
  rhsInputFeature: 0,
  rhsOutputFeature: 1,
  rhsSpatial: [],
  outBatch: 0,
  outFeature: 1,
  outSpatial: [],
};

const conv = (dims: ConvDims, given: Partial<ConvAttrs> = {}): ConvAttrs => ({
  dims,
  strides: dims.lhsSpatial.map(() => 1),
  padding: dims.lhsSpatial.map(() => [0, 0] as const),
  lhsDilation: dims.lhsSpatial.map(() => 1),
  rhsDilation: dims.lhsSpatial.map(() => 1),
  featureGroups: 1,
  batchGroups: 1,
  ...given,
});

const window = (
  dimensions: readonly number[],
  strides: readonly number[] = dimensions.map(() => 1),
  padding: readonly (readonly [number, number])[] = dimensions.map(() => [0, 0] as const),
): Window => ({ dimensions, strides, padding });

const PLAIN = window([2, 2], [2, 2]);
const OVERLAPPING = window([3, 2], [1, 1]);
const PADDED = window(
  [3, 3],
  [2, 2],
  [
    [1, 1],
    [0, 2],
  ],
);
const IMAGES = window(
  [1, 2, 3, 1],
  [1, 2, 1, 1],
  [
    [0, 0],
    [0, 1],
    [1, 1],
    [0, 0],
  ],
);
const ONLY_PADDING = window([2], [2], [[4, 3]]);
const CROPPED = window([2], [1], [[-1, -1]]);

const SMOOTH: { readonly [M in "add" | "multiply" | "maximum" | "minimum"]: Sampler } = {
  add: uniform(),
  multiply: awayFromZero(0.5, 1.5),
  maximum: distinct(),
  minimum: distinct(),
};

/** Cases of convolution and pooling. */
export const spatialCases: Cases<Spatial> = {
  convolution: [
    example("1D", conv(NWC), [f32([2, 5, 2]), f32([3, 2, 3])]),
    example("2D NHWC", conv(NHWC), [f32([2, 4, 3, 2]), f32([2, 2, 2, 3])]),
    example("2D NCHW", conv(NCHW), [f32([1, 2, 4, 3]), f32([3, 2, 2, 2])]),
    example(
      "2D axes exchanged",
      conv(EXCHANGED, {
        padding: [
          [1, 0],
          [0, 2],
        ],
      }),
      [f32([2, 3, 4, 2]), f32([2, 2, 2, 3])],
    ),
    example("3D", conv(NDHWC, { strides: [1, 2, 1] }), [
      f32([1, 2, 3, 2, 2]),
      f32([2, 2, 1, 2, 2]),
    ]),
    example("no spatial axes", conv(NO_SPACE), [f32([2, 3]), f32([3, 4])]),
    example("1 × 1", conv(NHWC), [f32([1, 2, 3, 3]), f32([1, 1, 3, 2])]),
    example("strides", conv(NHWC, { strides: [2, 3] }), [f32([1, 5, 7, 1]), f32([2, 2, 1, 2])]),
    example(
      "padding",
      conv(NHWC, {
        padding: [
          [1, 2],
          [0, 1],
        ],
      }),
      [f32([1, 3, 3, 2]), f32([3, 2, 2, 2])],
    ),
    example("strides that leave a rest", conv(NWC, { strides: [2], padding: [[1, 0]] }), [
      f32([1, 5, 1]),
      f32([3, 1, 2]),
    ]),
    example(
      "negative padding",
      conv(NHWC, {
        padding: [
          [-1, 1],
          [1, -1],
        ],
      }),
      [f32([1, 4, 4, 1]), f32([2, 2, 1, 2])],
    ),
    example(
      "lhs dilation",
      conv(NHWC, {
        lhsDilation: [2, 3],
        padding: [
          [1, 1],
          [0, 0],
        ],
      }),
      [f32([1, 3, 2, 2]), f32([2, 3, 2, 1])],
    ),
    example("rhs dilation", conv(NHWC, { rhsDilation: [2, 1] }), [
      f32([1, 5, 3, 1]),
      f32([2, 2, 1, 2]),
    ]),
    example(
      "everything at once",
      conv(NHWC, {
        strides: [2, 1],
        padding: [
          [2, -1],
          [0, 3],
        ],
        lhsDilation: [1, 2],
        rhsDilation: [2, 2],
        featureGroups: 2,
      }),
      [f32([2, 5, 3, 4]), f32([2, 2, 2, 4])],
    ),
    example("feature groups", conv(NHWC, { featureGroups: 2 }), [
      f32([1, 3, 3, 4]),
      f32([2, 2, 2, 6]),
    ]),
    example("depthwise", conv(NHWC, { featureGroups: 3 }), [f32([1, 3, 3, 3]), f32([2, 2, 1, 6])]),
    example("batch groups", conv(NHWC, { batchGroups: 2 }), [f32([4, 3, 3, 2]), f32([2, 2, 2, 4])]),
    example("batch groups, depthwise kernel gradient", conv(EXCHANGED, { batchGroups: 3 }), [
      f32([2, 3, 4, 3]),
      f32([2, 2, 2, 3]),
    ]),
    example("no batch", conv(NHWC), [f32([0, 3, 3, 1]), f32([2, 2, 1, 2])]),
    example("no input features", conv(NHWC), [f32([1, 3, 3, 0]), f32([2, 2, 0, 2])]),
    example("window larger than the image", conv(NWC), [f32([1, 2, 1]), f32([3, 1, 1])]),
  ],
  reduce_window: [
    ...(["add", "multiply", "maximum", "minimum"] as const).flatMap((monoid) => {
      const values = SMOOTH[monoid];
      return [
        example(`${monoid} plain`, { monoid, ...PLAIN }, [f32([4, 5], values)]),
        example(`${monoid} overlapping`, { monoid, ...OVERLAPPING }, [f32([4, 4], values)]),
        example(`${monoid} padded`, { monoid, ...PADDED }, [f32([5, 4], values)]),
        example(`${monoid} images`, { monoid, ...IMAGES }, [f32([2, 3, 4, 2], values)]),
        example(`${monoid} cropped`, { monoid, ...CROPPED }, [f32([5], values)]),
        example(`${monoid} padding only`, { monoid, ...ONLY_PADDING }, [f32([2], values)], IEEE),
        example(`${monoid} scalar`, { monoid, ...window([]) }, [f32([], values)]),
        example(`${monoid} size 0`, { monoid, ...window([1, 2]) }, [f32([0, 3], values)]),
        example(
          `${monoid} NaN`,
          { monoid, ...window([2]) },
          [f32([5], exactly(1, NAN, 2, 3, 4))],
          IEEE,
        ),
      ];
    }),
    example("add i32", { monoid: "add", ...PADDED }, [i32([4, 4])]),
    example("maximum i32", { monoid: "maximum", ...PADDED }, [i32([4, 4])]),
    example("minimum i32 of padding", { monoid: "minimum", ...ONLY_PADDING }, [i32([2])], WRAP),
  ],
  select_and_scatter: [
    example("plain", PLAIN, [f32([4, 5], distinct()), f32([2, 2])]),
    example("overlapping", OVERLAPPING, [f32([4, 4], distinct()), f32([2, 3])]),
    example("padded", PADDED, [f32([5, 4], distinct()), f32([3, 2])]),
    example("images", IMAGES, [f32([2, 3, 4, 2], distinct()), f32([2, 2, 4, 2])]),
    example("padding only", ONLY_PADDING, [f32([2], distinct()), f32([4])]),
    example("first of ties", PLAIN, [f32([4, 4], exactly(1)), f32([2, 2])], KINK),
    example("NaN", window([2]), [f32([5], exactly(1, NAN, 2, NAN, NAN)), f32([4])], IEEE),
    example("size 0", window([1, 2]), [f32([0, 3]), f32([0, 2])]),
    example("scalar", window([]), [f32([]), f32([])]),
  ],
  select_and_gather: [
    example("plain", PLAIN, [f32([4, 5], distinct()), f32([4, 5])]),
    example("overlapping", OVERLAPPING, [f32([4, 4], distinct()), f32([4, 4])]),
    example("padded", PADDED, [f32([5, 4], distinct()), f32([5, 4])]),
    example("images", IMAGES, [f32([2, 3, 4, 2], distinct()), f32([2, 3, 4, 2])]),
    example("padding only", ONLY_PADDING, [f32([2], distinct()), f32([2])]),
    example("first of ties", PLAIN, [f32([4, 4], exactly(1)), f32([4, 4])], KINK),
    example("NaN", window([2]), [f32([5], exactly(1, NAN, 2, NAN, NAN)), f32([5])], IEEE),
    example("size 0", window([1, 2]), [f32([0, 3]), f32([0, 3])]),
    example("scalar", window([]), [f32([]), f32([])]),
  ],
};
