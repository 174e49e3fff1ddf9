import { at } from "@layerwise/autodiff/executor";
import { type Axis, advanceTo, stepsOf } from "../product/axes.ts";
import type { Code } from "../wasm/code.ts";
import type { Local } from "../wasm/locals.ts";

/** A loop cut into blocks of neighbouring steps: ranges of one axis with all steps of the inner ones. */
export interface Blocks {
  readonly outer: readonly Axis[];
  readonly split: Axis;
  /** Length of a range of `split`; the last one may be shorter. */
  readonly range: number;
  readonly ranges: number;
  readonly inner: readonly Axis[];
  /** Number of blocks. */
  readonly count: number;
  /** Steps of a whole block. */
  readonly steps: number;
}

/** Blocks of at most `target` steps, if single steps of the axes allow it. */
export const blocksOf = (axes: readonly Axis[], target: number): Blocks => {
  const all = axes.length > 0 ? axes : [{ size: 1, strides: [0, 0, 0] }];
  let position = all.length - 1;
  let inside = 1;
  while (position > 0 && inside * at(all, position).size <= target) {
    inside *= at(all, position).size;
    position--;
  }
  const split = at(all, position);
  const most = Math.max(1, Math.min(split.size, Math.floor(target / inside)));
  const ranges = Math.ceil(split.size / most);
  const range = Math.ceil(split.size / ranges);
  const outer = all.slice(0, position);
  return {
    outer,
    split,
    range,
    ranges: Math.ceil(split.size / range),
    inner: all.slice(position + 1),
    count: stepsOf(outer) * Math.ceil(split.size / range),
    steps: range * inside,
  };
};

/**
 * Sets `length` to the number of steps of `split` in block number `index`, and adds the block's
 * place to addresses (undefined: none) of arrays with the strides' elements of 4 bytes.
 */
export const enterBlock = (
  code: Code,
  blocks: Blocks,
  index: Local,
  length: Local,
  addresses: readonly (Local | undefined)[],
): void => {
  const { outer, split, range, ranges } = blocks;
  const [number, start] = [code.local("i32"), code.local("i32")];
  code.get(index).i32(ranges).op("i32.rem_u").i32(range).op("i32.mul").set(start);
  code.get(index).i32(ranges).op("i32.div_u").set(number);
  advanceTo(code, outer, number, addresses);
  advanceTo(code, [split], start, addresses);
  code.i32(range).i32(split.size).get(start).op("i32.sub");
  code.i32(range).i32(split.size).get(start).op("i32.sub").op("i32.lt_u").op("select").set(length);
  code.release(number, start);
};
