import type { KernelContext } from "../kernel/kernel.ts";
import type { Local } from "../wasm/locals.ts";

/** How equal tasks are dealt out to chunks: chunk c has tasks c·`per` up to (c + 1)·`per`. */
export interface Chunks {
  readonly tasks: number;
  readonly per: number;
  readonly count: number;
}

/** Numbers of the tasks of one chunk: from `first` up to, but without, `end`. */
export interface Range {
  readonly first: Local | number;
  readonly end: Local | number;
}

const NANOSECONDS_PER_CHUNK = 50_000;
const SMALL = 20_000;
const MOST_CHUNKS = 256;

/** Number of chunks that work of `cost` nanoseconds deserves. */
export const chunksFor = (cost: number): number =>
  cost < SMALL ? 1 : Math.min(MOST_CHUNKS, Math.max(2, Math.round(cost / NANOSECONDS_PER_CHUNK)));

/** Deals `tasks` tasks of `cost` nanoseconds altogether out to chunks. */
export const divide = (tasks: number, cost: number): Chunks => {
  const per = Math.max(1, Math.ceil(tasks / chunksFor(cost)));
  return { tasks, per, count: Math.max(1, Math.ceil(tasks / per)) };
};

/** The tasks of the chunk that runs, each of which stands for `scale` steps of a walk. */
export const rangeOf = (
  { code, chunk }: KernelContext,
  { tasks, per, count }: Chunks,
  scale = 1,
): Range => {
  if (count === 1) return { first: 0, end: tasks * scale };
  const [first, end] = [code.local("i32"), code.local("i32")];
  code
    .get(chunk)
    .i32(per * scale)
    .op("i32.mul")
    .tee(first)
    .i32(per * scale)
    .op("i32.add")
    .tee(end);
  // The last chunk may be shorter.
  code
    .i32(tasks * scale)
    .get(end)
    .i32(tasks * scale)
    .op("i32.lt_u")
    .op("select")
    .set(end);
  return { first, end };
};

/** The largest number up to `wanted` that cuts `size` into equal pieces of a multiple of `unit`. */
export const equalPieces = (size: number, unit: number, wanted: number): number => {
  for (let n = Math.min(wanted, Math.floor(size / unit)); n > 1; n--) {
    if (size % (n * unit) === 0) return n;
  }
  return 1;
};
