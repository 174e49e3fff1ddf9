import { pushBetter, setWhere } from "../indexing/better.ts";
import { type Chunks, rangeOf } from "../indexing/chunks.ts";
import { columns } from "../indexing/columns.ts";
import { loadVector } from "../indexing/element.ts";
import { type Buffer, elementBytes, type KernelContext } from "../kernel/kernel.ts";
import type { Code } from "../wasm/code.ts";
import type { Local } from "../wasm/locals.ts";
import { forEachWindow, type Windows } from "./windows.ts";

/** Vectors per sweep over a window: each needs two registers. */
const VECTORS = 3;

/** What to select and what goes along with it. */
export interface Selection {
  readonly windows: Windows;
  readonly chunks: Chunks;
  /** Windows per task of the chunks. */
  readonly scale: number;
  /** The operand whose maxima decide. */
  readonly operand: Buffer;
  /** An array with one element per window. */
  readonly each: Buffer;
  /** Bytes between its elements along the axes of the windows. */
  readonly strides: readonly number[];
  /** An array in which an element for each of the operand's is looked up. */
  readonly lookup: Buffer;
}

/** Estimated nanoseconds of selecting in all windows. */
export const selectionCost = ({ count, width, elements }: Windows): number =>
  count * (2 + Math.ceil(width / 4) * elements + width);

/**
 * Finds the first maximum of each window. `found` gets the address of its place in `lookup` and
 * that of the window's element in `each`, plus a constant; `none` is for windows of padding only
 * and gets how many elements in a row have none.
 */
export const emitSelection = (
  context: KernelContext,
  { windows, chunks, scale, operand, each, strides, lookup }: Selection,
  found: (place: Local, element: Local, offset: number) => void,
  none?: (element: Local, count: number) => void,
): void => {
  const { code } = context;
  const { dtype } = operand;
  const unit = elementBytes(dtype);
  const eachUnit = elementBytes(each.dtype);
  const base = context.address(operand);
  const [places, element] = [code.local("i32"), code.local("i32")];
  const [p, place] = [code.local("i32"), code.local("i32")];
  const [value, mask, here] = [0, 1, 2].map(() => code.local("v128")) as [Local, Local, Local];
  const walkers = [{ base: context.address(each), strides }];
  const range = rangeOf(context, chunks, scale);
  forEachWindow(code, windows, range, { base, unit }, walkers, (window) => {
    code.get(window.locals[0] as Local).set(element);
    const otherwise = none && (() => none(element, windows.width));
    window.ifAny(() => {
      const pointers = [
        { local: window.corner, unit },
        { local: element, unit: eachUnit },
      ];
      columns(code, windows.width, VECTORS, pointers, (lanes) => {
        const best = lanes.map(() => ({ value: code.local("v128"), at: code.local("v128") }));
        code.get(window.corner).tee(p).op("i32x4.splat").set(here);
        best.forEach(({ value: v, at }, i) => {
          loadVector(code.get(p), dtype, 4 * i * unit).set(v);
          code.get(here).set(at);
        });
        window.each(p, () => {
          code.get(p).op("i32x4.splat").set(here);
          best.forEach(({ value: v, at }, i) => {
            loadVector(code.get(p), dtype, 4 * i * unit).set(value);
            pushBetter(code, dtype, "maximum", value, v);
            code.set(mask);
            setWhere(code, mask, v, value);
            setWhere(code, mask, at, here);
          });
        });
        best.forEach(({ value: v, at }, i) => {
          for (let lane = 0; lane < (lanes[i] as number); lane++) {
            code.get(at).lane("i32x4.extract_lane", lane).set(places);
            pushElement(code, { operand, base }, places, 4 * i + lane);
            scaleTo(code, unit, elementBytes(lookup.dtype));
            code.get(context.address(lookup)).op("i32.add").set(place);
            found(place, element, (4 * i + lane) * eachUnit);
          }
          code.release(v, at);
        });
      });
    }, otherwise);
  });
};

/** Pushes the bytes from the operand's start to the element `index` elements behind an address. */
const pushElement = (
  code: Code,
  { operand, base }: { readonly operand: Buffer; readonly base: Local },
  address: Local,
  index: number,
): void => {
  code.get(address).get(base).op("i32.sub");
  if (index > 0) code.i32(index * elementBytes(operand.dtype)).op("i32.add");
};

/** Converts bytes of elements of one size to those of another. */
const scaleTo = (code: Code, from: number, to: number): void => {
  if (from < to) code.i32(2).op("i32.shl");
  if (from > to) code.i32(2).op("i32.shr_u");
};
