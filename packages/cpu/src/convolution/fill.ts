import { at } from "@layerwise/autodiff/executor";
import { advance, countDown } from "../product/tile.ts";
import type { Code } from "../wasm/code.ts";
import type { Local } from "../wasm/locals.ts";

/** An axis to copy along: number of steps, at least 1, and bytes between them. */
export interface Steps {
  readonly count: number | Local;
  readonly bytes: number;
}

/** Runs up to this length are copied without a loop. */
const UNROLLED = 32;

const copyRun = (code: Code, to: Local, from: Local, { count, bytes }: Steps): void => {
  const [source, end] = [code.local("i32"), code.local("i32")];
  code.get(from).set(source);
  if (bytes !== 4) {
    if (typeof count === "number") code.i32(count);
    else code.get(count);
    code.set(end);
    countDown(code, end, () => {
      code.get(to).get(source).memory("i32.load").memory("i32.store");
      advance(code, to, 4);
      advance(code, source, bytes);
    });
  } else if (typeof count === "number" && count <= UNROLLED) {
    for (let i = 0; i < count; i += 4) {
      code
        .get(to)
        .get(source)
        .memory("v128.load", 4 * i)
        .memory("v128.store", 4 * i);
    }
    advance(code, to, 4 * count);
  } else {
    code.get(to);
    if (typeof count === "number") code.i32(4 * count);
    else code.get(count).i32(2).op("i32.shl");
    code.op("i32.add").set(end);
    code.forUntil(to, end, 16, () => {
      code.get(to).get(source).memory("v128.load").memory("v128.store");
      advance(code, source, 16);
    });
    code.get(end).set(to);
  }
  code.release(source, end);
};

/**
 * Copies elements of 4 bytes, evenly spaced along each axis, to `to` and its successors. Writes up
 * to 12 bytes behind the last one. Changes neither `to` nor `from`.
 */
export const fill = (code: Code, to: Local, from: Local, axes: readonly Steps[]): void => {
  const target = code.local("i32");
  code.get(to).set(target);
  const nest = (i: number, start: Local): void => {
    const axis = at(axes, i);
    if (i === axes.length - 1) {
      copyRun(code, target, start, axis);
      return;
    }
    const [source, left] = [code.local("i32"), code.local("i32")];
    code.get(start).set(source);
    if (typeof axis.count === "number") code.i32(axis.count);
    else code.get(axis.count);
    code.set(left);
    countDown(code, left, () => {
      nest(i + 1, source);
      advance(code, source, axis.bytes);
    });
    code.release(source, left);
  };
  nest(0, from);
  code.release(target);
};
