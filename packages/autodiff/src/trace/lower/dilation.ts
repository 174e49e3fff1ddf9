import { at, dilated, range } from "../../ir/shape.ts";
import type { Value } from "../../ir/types.ts";
import { cropAndResize } from "./crop-and-resize.ts";
import type { KernelCall } from "./kernel-call.ts";
import type { Family, Lowering } from "./lowering.ts";
import { float } from "./operands.ts";
import { type Sliding, slidingOf } from "./window.ts";

/** Morphological dilation with its gradients, and cutting boxes out of images. */
export type ImageKernel =
  | "CropAndResize"
  | "Dilation2D"
  | "Dilation2DBackpropFilter"
  | "Dilation2DBackpropInput";

/** One element of the filter: where it lies and what it sees at every position of the window. */
interface Tap {
  readonly place: readonly [number, number];
  readonly seen: Value;
  readonly sum: Value;
}

const LAYOUT = { batch: 0, feature: 3, spatial: [1, 2] } as const;

const setup = (call: KernelCall): { x: Value; filter: Value; slide: Sliding } => {
  const { b } = call;
  const [x, filter] = [float(b, call.input("x")), float(b, call.input("filter"))];
  const slide = slidingOf(call, x.type.shape, LAYOUT, filter.type.shape.slice(0, 2));
  return { x, filter, slide };
};

// Where the strided slice of the padded image that belongs to a tap begins.
const offset = (slide: Sliding, place: readonly [number, number]): number[] =>
  place.map((p, i) => p * at(slide.dilations, i));

const padded = (slide: Sliding): { low: number[]; high: number[] } => ({
  low: [0, ...slide.padding.map(([low]) => low), 0],
  high: [0, ...slide.padding.map(([, high]) => high), 0],
});

const taps = (call: KernelCall, x: Value, filter: Value, slide: Sliding): Tap[] => {
  const { b } = call;
  const { low, high } = padded(slide);
  const never = b.fill({ shape: [], dtype: "f32" }, Number.NEGATIVE_INFINITY);
  const image = b.pad(
    x,
    low,
    high,
    low.map(() => 0),
    never,
  );
  const [batch = 0, , , channels = 0] = x.type.shape;
  const places = range(at(slide.window, 0)).flatMap((i) =>
    range(at(slide.window, 1)).map((j) => [i, j] as const),
  );
  return places.map((place) => {
    const start = offset(slide, place);
    const limit = start.map((s, i) => s + dilated(at(slide.out, i), at(slide.strides, i)));
    const seen = b.slice(
      image,
      [0, ...start, 0],
      [batch, ...limit, channels],
      [1, ...slide.strides, 1],
    );
    const [i, j] = place;
    const weight = b.reshape(b.slice(filter, [i, j, 0], [i + 1, j + 1, channels]), [channels]);
    return { place, seen, sum: b.add(seen, b.broadcastTo(weight, seen.type.shape)) };
  });
};

/** For each tap, dy where it is the first one to reach the maximum and 0 elsewhere. */
const shares = (call: KernelCall, list: readonly Tap[], dy: Value): Value[] => {
  const { b } = call;
  const sums = list.map((tap) => tap.sum);
  const highest = sums.reduce((x, y) => b.map("maximum", x, y));
  let open = b.fill({ shape: dy.type.shape, dtype: "bool" }, 1);
  return sums.map((sum) => {
    const reached = b.compare(sum, "EQ", highest);
    const share = b.select(b.map("and", open, reached), dy, b.zeros(dy.type));
    open = b.map("and", open, b.map("not", reached));
    return share;
  });
};

const dilation: Lowering = (call) => {
  const { x, filter, slide } = setup(call);
  const sums = taps(call, x, filter, slide).map((tap) => tap.sum);
  return sums.reduce((y, sum) => call.b.map("maximum", y, sum));
};

const toInput: Lowering = (call) => {
  const { b } = call;
  const { x, filter, slide } = setup(call);
  const list = taps(call, x, filter, slide);
  const dy = float(b, call.input("dy"));
  const { low, high } = padded(slide);
  const size = (axis: number) => at(x.type.shape, axis) + at(low, axis) + at(high, axis);
  const interior = [0, ...slide.strides.map((s) => s - 1), 0];
  const parts = shares(call, list, dy).map((share, k) => {
    const start = offset(slide, at(list, k).place);
    const end = start.map(
      (s, i) => size(i + 1) - s - dilated(at(slide.out, i), at(slide.strides, i)),
    );
    return b.pad(share, [0, ...start, 0], [0, ...end, 0], interior);
  });
  const total = parts.reduce((sum, part) => b.add(sum, part));
  return b.pad(
    total,
    low.map((n) => 0 - n),
    high.map((n) => 0 - n),
  );
};

const toFilter: Lowering = (call) => {
  const { b } = call;
  const { x, filter, slide } = setup(call);
  const list = taps(call, x, filter, slide);
  const sums = shares(call, list, float(b, call.input("dy"))).map((share) => {
    const perChannel = b.reduce(share, "add", [0, 1, 2]);
    return b.reshape(perChannel, [1, ...perChannel.type.shape]);
  });
  return b.reshape(b.concatenate(sums, 0), filter.type.shape);
};

/** Lowerings of dilation and cropping. */
export const image: Family<ImageKernel> = {
  CropAndResize: cropAndResize,
  Dilation2D: dilation,
  Dilation2DBackpropFilter: toFilter,
  Dilation2DBackpropInput: toInput,
};
