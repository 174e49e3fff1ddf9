import { literal } from "../../ir/builder.ts";
import { at, range } from "../../ir/shape.ts";
import type { Value } from "../../ir/types.ts";
import type { KernelCall } from "./kernel-call.ts";
import type { Family, Lowering } from "./lowering.ts";
import { float, signed } from "./operands.ts";
import { gatherAlong, scatterAlong } from "./pick.ts";

/** Kernels that change the size of images. */
export type ResizeKernel =
  | "ResizeBilinear"
  | "ResizeBilinearGrad"
  | "ResizeNearestNeighbor"
  | "ResizeNearestNeighborGrad";

/** How positions of the new image map to positions of the old one. */
interface Alignment {
  readonly corners: boolean;
  readonly halfPixels: boolean;
}

const alignmentOf = (call: KernelCall): Alignment => ({
  corners: call.flag("alignCorners"),
  halfPixels: call.flag("halfPixelCenters"),
});

const ratio = (before: number, after: number, { corners }: Alignment): number =>
  corners && after > 1 ? (before - 1) / (after - 1) : before / after;

/** The old index that each new index copies. */
const nearest = (before: number, after: number, alignment: Alignment): number[] =>
  range(after).map((i) => {
    const source = ratio(before, after, alignment) * (alignment.halfPixels ? i + 0.5 : i);
    const index = alignment.corners ? Math.round(source) : Math.floor(source);
    return Math.max(0, Math.min(before - 1, index));
  });

/** The weights of the old elements in each new one, as a matrix [after, before]. */
const linear = (before: number, after: number, alignment: Alignment): Float64Array => {
  const weights = new Float64Array(after * before);
  for (const i of range(after)) {
    const scale = ratio(before, after, alignment);
    const source = alignment.halfPixels ? scale * (i + 0.5) - 0.5 : scale * i;
    const low = Math.max(0, Math.floor(source));
    const high = Math.max(0, Math.min(before - 1, Math.ceil(source)));
    const fraction = source - low;
    weights[i * before + low] = (weights[i * before + low] ?? 0) + 1 - fraction;
    weights[i * before + high] = (weights[i * before + high] ?? 0) + fraction;
  }
  return weights;
};

/** Multiplies the two spatial axes of [n, h, w, c] by matrices, both contracted on axis `on`. */
const applyMatrices = (
  call: KernelCall,
  x: Value,
  rows: Value,
  columns: Value,
  on: 0 | 1,
): Value => {
  const contract = (matrix: Value, y: Value, axis: number): Value =>
    call.b.dot(matrix, y, {
      lhsBatch: [],
      rhsBatch: [],
      lhsContracting: [on],
      rhsContracting: [axis],
    });
  // [h, n, w, c], then [w, h, n, c].
  const stretched = contract(columns, contract(rows, x, 1), 2);
  return call.b.transpose(stretched, [2, 1, 0, 3]);
};

type Sizes = readonly [number, number];

const sizesOf = (x: Value): Sizes => [at(x.type.shape, 1), at(x.type.shape, 2)];

const targetOf = (call: KernelCall): Sizes => {
  const [height, width] = call.numbers("size");
  if (height === undefined || width === undefined)
    throw call.error('attribute "size" needs two numbers');
  return [height, width];
};

const bilinearMatrices = (call: KernelCall, before: Sizes, after: Sizes): [Value, Value] => {
  const matrix = (axis: 0 | 1): Value =>
    call.b.constant(
      { shape: [after[axis], before[axis]], dtype: "f32" },
      literal("f32", linear(before[axis], after[axis], alignmentOf(call))),
    );
  return [matrix(0), matrix(1)];
};

const bilinear: Lowering = (call) => {
  const x = float(call.b, call.input("images"));
  return applyMatrices(call, x, ...bilinearMatrices(call, sizesOf(x), targetOf(call)), 1);
};

const bilinearGrad: Lowering = (call) => {
  const dy = float(call.b, call.input("dy"));
  const before = sizesOf(call.input("images"));
  return applyMatrices(call, dy, ...bilinearMatrices(call, before, sizesOf(dy)), 0);
};

const nearestNeighbor: Lowering = (call) => {
  const x = signed(call.b, call.input("images"));
  const [before, after] = [sizesOf(x), targetOf(call)];
  const indices = (axis: 0 | 1) => nearest(before[axis], after[axis], alignmentOf(call));
  return gatherAlong(call.b, gatherAlong(call.b, x, 1, indices(0)), 2, indices(1));
};

const nearestNeighborGrad: Lowering = (call) => {
  const dy = float(call.b, call.input("dy"));
  const [before, after] = [sizesOf(call.input("images")), sizesOf(dy)];
  const indices = (axis: 0 | 1) => nearest(before[axis], after[axis], alignmentOf(call));
  const columns = scatterAlong(call.b, dy, 2, indices(1), before[1]);
  return scatterAlong(call.b, columns, 1, indices(0), before[0]);
};

/** Lowerings of resizing. */
export const resize: Family<ResizeKernel> = {
  ResizeBilinear: bilinear,
  ResizeBilinearGrad: bilinearGrad,
  ResizeNearestNeighbor: nearestNeighbor,
  ResizeNearestNeighborGrad: nearestNeighborGrad,
};
