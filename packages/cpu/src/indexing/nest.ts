import type { Code } from "../wasm/code.ts";
import type { Local } from "../wasm/locals.ts";
import { advance } from "./walk.ts";

/** A local that moves in a nest of loops: bytes per step of each axis. */
export interface Pointer {
  readonly local: Local;
  readonly strides: readonly number[];
}

/** Bodies repeated at most this often instead of looped over. */
const MOST_UNROLLED = 9;

/**
 * Nested loops over axes whose numbers of steps are constants or locals (a local below 1 means
 * none). Pointers move along and are back where they were afterwards.
 */
export const nest = (
  code: Code,
  counts: readonly (number | Local)[],
  pointers: readonly Pointer[],
  body: () => void,
): void => {
  if (counts.some((count) => typeof count === "number" && count <= 0)) return;
  const level = (axis: number): void => {
    const count = counts[axis];
    if (count === undefined) body();
    else if (count === 1) level(axis + 1);
    else if (copies(counts.slice(axis)) <= MOST_UNROLLED) unrolled(axis, count as number);
    else looped(axis, count);
  };
  const move = (axis: number, times: number): void => {
    for (const { local, strides } of pointers) {
      advance(code, local, (strides[axis] as number) * times);
    }
  };
  const unrolled = (axis: number, count: number): void => {
    for (let i = 0; i < count; i++) {
      if (i > 0) move(axis, 1);
      level(axis + 1);
    }
    move(axis, 1 - count);
  };
  const looped = (axis: number, count: number | Local): void => {
    const left = code.local("i32");
    const saved = pointers.map(({ local }) => {
      const copy = code.local("i32");
      code.get(local).set(copy);
      return copy;
    });
    const loop = (): void => {
      code.loop((again) => {
        level(axis + 1);
        move(axis, 1);
        code.get(left).i32(-1).op("i32.add").tee(left).brIf(again);
      });
    };
    if (typeof count === "number") {
      code.i32(count).set(left);
      loop();
    } else {
      code.get(count).tee(left).i32(0).op("i32.gt_s");
      code.if(loop);
    }
    pointers.forEach(({ local }, i) => {
      code.get(saved[i] as Local).set(local);
    });
    code.release(left, ...saved);
  };
  level(0);
};

/** How many bodies unrolling all of these loops makes. */
const copies = (counts: readonly (number | Local)[]): number =>
  counts.reduce<number>((n, c) => n * (typeof c === "number" ? c : Number.POSITIVE_INFINITY), 1);
