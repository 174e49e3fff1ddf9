import { type Shape, sizeOf, type Window } from "@layerwise/autodiff/executor";
import type { Range } from "../indexing/chunks.ts";
import { nest } from "../indexing/nest.ts";
import { rowMajor, type Walker, walk } from "../indexing/walk.ts";
import type { Code } from "../wasm/code.ts";
import type { Local } from "../wasm/locals.ts";

/** How windows slide along one axis. */
interface Axis {
  readonly size: number;
  readonly window: number;
  readonly stride: number;
  readonly low: number;
  /** Number of windows. */
  readonly count: number;
  /** Elements from one index of the operand to the next. */
  readonly step: number;
  /** Whether some windows reach into the padding. */
  readonly clipped: boolean;
}

/** The windows over an operand, with the innermost axes along which they do not reach apart. */
export interface Windows {
  readonly axes: readonly Axis[];
  /** Number of windows over `axes`. */
  readonly count: number;
  /** Number of elements in a row that are in windows of their own: vectors go along these. */
  readonly width: number;
  /** Number of leading windows (an axis each) that share no elements with others. */
  readonly apart: number;
  /** Elements of a window. */
  readonly elements: number;
}

/** Takes the attributes of windows apart. */
export const windowsOf = (shape: Shape, result: Shape, attrs: Window): Windows => {
  const steps = rowMajor(shape, 1);
  const all = shape.map((size, i): Axis => {
    const [window, stride] = [attrs.dimensions[i] as number, attrs.strides[i] as number];
    const [low] = attrs.padding[i] as readonly [number, number];
    const count = result[i] as number;
    const clipped = low > 0 || (count - 1) * stride - low + window > size;
    return { size, window, stride, low, count, step: steps[i] as number, clipped };
  });
  const plain = ({ size, window, stride, low, count }: Axis): boolean =>
    window === 1 && stride === 1 && low === 0 && count === size;
  let rank = all.length;
  while (rank > 0 && plain(all[rank - 1] as Axis)) rank--;
  const axes = all.slice(0, rank);
  const overlapping = axes.findIndex(({ window, stride }) => window > stride);
  return {
    axes,
    count: sizeOf(axes.map(({ count }) => count)),
    width: sizeOf(shape.slice(rank)),
    apart: overlapping < 0 ? rank : overlapping,
    elements: sizeOf(attrs.dimensions),
  };
};

/** One window while code for it is emitted. */
export interface CurrentWindow {
  /** Locals of the walkers that the caller brought along. */
  readonly locals: readonly Local[];
  /** Address of the first element of the window that is not padding; may be moved within the row. */
  readonly corner: Local;
  /** Runs `body` for each element of the window that is not padding, in order, at `element`. */
  each(element: Local, body: () => void): void;
  /** Runs `body` unless the window is all padding, and `otherwise` if it is. */
  ifAny(body: () => void, otherwise?: () => void): void;
}

/**
 * Visits windows number `first` up to `end`. `base` is the address of the operand, `unit` the bytes
 * of its elements; strides of `walkers` are those of the axes of the windows.
 */
export const forEachWindow = (
  code: Code,
  { axes }: Windows,
  range: Range,
  { base, unit }: { readonly base: Local; readonly unit: number },
  walkers: readonly Walker[],
  body: (window: CurrentWindow) => void,
): void => {
  const clipped = axes.filter((axis) => axis.clipped);
  const origin: Walker = {
    base,
    offset: -axes.reduce((sum, { low, step }) => sum + low * step, 0) * unit,
    strides: axes.map(({ stride, step }) => stride * step * unit),
  };
  const starts = clipped.map(
    ({ low }, i): Walker => ({
      offset: -low,
      strides: axes.map((axis) => (axis === clipped[i] ? axis.stride : 0)),
    }),
  );
  const corner = code.local("i32");
  const widths = clipped.map(() => code.local("i32"));
  const counts = axes.map((axis) =>
    axis.clipped ? (widths[clipped.indexOf(axis)] as Local) : axis.window,
  );
  const shape = axes.map(({ count }) => count);
  walk(code, shape, range, [origin, ...starts, ...walkers], ([at, ...others]) => {
    code.get(at as Local).set(corner);
    clipped.forEach((axis, i) => {
      clip(code, axis, unit, { start: others[i] as Local, corner, width: widths[i] as Local });
    });
    body({
      locals: others.slice(clipped.length),
      corner,
      each: (element, visit) => {
        const strides = axes.map(({ step }) => step * unit);
        nest(code, counts, [{ local: element, strides }], visit);
      },
      ifAny: (visit, otherwise) => {
        if (axes.some(({ window }) => window === 0)) return otherwise?.();
        if (widths.length === 0) return visit();
        widths.forEach((width, i) => {
          code.get(width).i32(0).op("i32.gt_s");
          if (i > 0) code.op("i32.and");
        });
        code.if(visit, otherwise);
      },
    });
  });
  code.release(corner, ...widths);
};

/** Moves the corner of a window that begins at `start` out of the padding; sets what is left. */
const clip = (
  code: Code,
  { size, window, low, step, count, stride }: Axis,
  unit: number,
  { start, corner, width }: Record<"start" | "corner" | "width", Local>,
): void => {
  code.get(start).i32(window).op("i32.add").set(width);
  if ((count - 1) * stride - low + window > size) {
    code.get(width).i32(size).get(width).i32(size).op("i32.lt_s").op("select").set(width);
  }
  if (low <= 0) {
    code.get(width).get(start).op("i32.sub").set(width);
    return;
  }
  code.get(start).i32(0).op("i32.lt_s");
  code.if(
    () => {
      code
        .get(corner)
        .get(start)
        .i32(step * unit)
        .op("i32.mul")
        .op("i32.sub")
        .set(corner);
    },
    () => {
      code.get(width).get(start).op("i32.sub").set(width);
    },
  );
};
