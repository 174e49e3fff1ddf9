import { at } from "@layerwise/autodiff/executor";
import type { Axis } from "../product/axes.ts";
import type { MatrixProduct } from "../product/matrix.ts";
import type { Contraction } from "./contraction.ts";
import type { FlatKernel } from "./flat-kernel.ts";

const stride = (axis: Axis, array: number): number => at(axis.strides, array);

/** A contraction whose pixels are evenly spaced, and whose summed elements are too. */
export interface Plain {
  readonly c: Contraction;
  readonly flat: FlatKernel;
  /** Axes of pixels that are loops around the product. */
  readonly outside: readonly Axis[];
  /** Strides of the pixels in [input, kernel, result] and of the summed elements in the input. */
  readonly pixel: readonly number[];
  readonly tap: number;
  readonly count: number;
  readonly depth: number;
  readonly rowsArePixels: boolean;
}

/** The product of matrices that a contraction is where nothing needs to be laid side by side. */
export const plainProduct = ({
  c,
  flat,
  outside,
  pixel,
  tap,
  count,
  depth,
  rowsArePixels,
}: Plain): MatrixProduct => {
  const [wOffset, wGroup, wDepth, wFeature] = flat.w;
  const features = c.features.size;
  const yFeature = stride(c.features, 2);
  const all = [c.groups, ...outside];
  const patches = (row: number, column: number) => ({
    buffer: c.input,
    offset: c.offsets[0],
    batch: all.map((a) => stride(a, 0)),
    row,
    column,
  });
  const weights = (row: number, column: number) => ({
    buffer: flat.buffer,
    offset: wOffset,
    batch: all.map((_, i) => (i === 0 ? wGroup : 0)),
    row,
    column,
  });
  const x = pixel[0] as number;
  return {
    name: "convolution",
    batch: all.map(({ size }) => size),
    rows: rowsArePixels ? count : features,
    depth,
    columns: rowsArePixels ? features : count,
    lhs: rowsArePixels ? patches(x, tap) : weights(wFeature, wDepth),
    rhs: rowsArePixels ? weights(wDepth, wFeature) : patches(tap, x),
    out: {
      buffer: c.out,
      offset: c.offsets[2],
      batch: all.map((a) => stride(a, 2)),
      row: rowsArePixels ? (pixel[2] as number) : yFeature,
      column: 1,
    },
  };
};
