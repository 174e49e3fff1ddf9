import type { Buffer } from "../kernel/kernel.ts";
import { ownerOf, type PlannedBuffer, paddedBytes } from "./buffers.ts";
import { type Item, readsOf, writesOf } from "./item.ts";

interface Life {
  first: number;
  last: number;
}

/** What the placement of all buffers gives. */
export interface Arena {
  /** Byte offsets of the buffers that live in the arena. */
  readonly offsets: ReadonlyMap<PlannedBuffer, number>;
  readonly arenaBytes: number;
  readonly reuse: readonly (number | undefined)[];
}

/** Bytes of one arena in use at one time, lowest address first. */
class FreeList {
  readonly #free: { start: number; end: number }[] = [];
  size = 0;

  take(bytes: number): number {
    let best: number | undefined;
    for (let i = 0; i < this.#free.length; i++) {
      const { start, end } = this.#free[i] as { start: number; end: number };
      if (end - start < bytes) continue;
      const other = best === undefined ? undefined : this.#free[best];
      if (other === undefined || end - start < other.end - other.start) best = i;
    }
    if (best !== undefined) {
      const hole = this.#free[best] as { start: number; end: number };
      const { start } = hole;
      hole.start += bytes;
      if (hole.start === hole.end) this.#free.splice(best, 1);
      return start;
    }
    const last = this.#free[this.#free.length - 1];
    if (last !== undefined && last.end === this.size) {
      this.#free.pop();
      this.size = last.start + bytes;
      return last.start;
    }
    this.size += bytes;
    return this.size - bytes;
  }

  give(start: number, bytes: number): void {
    const end = start + bytes;
    let i = this.#free.findIndex((hole) => hole.start >= start);
    if (i < 0) i = this.#free.length;
    this.#free.splice(i, 0, { start, end });
    const [before, hole, after] = [this.#free[i - 1], this.#free[i], this.#free[i + 1]];
    if (hole !== undefined && after !== undefined && hole.end === after.start) {
      hole.end = after.end;
      this.#free.splice(i + 1, 1);
    }
    if (hole !== undefined && before !== undefined && before.end === hole.start) {
      before.end = hole.end;
      this.#free.splice(i, 1);
    }
  }
}

const livesOf = (items: readonly Item[]): Map<PlannedBuffer, Life> => {
  const lives = new Map<PlannedBuffer, Life>();
  items.forEach((item, i) => {
    for (const buffer of [...readsOf(item), ...writesOf(item)]) {
      const { owner } = ownerOf(buffer);
      const life = lives.get(owner);
      if (life === undefined) lives.set(owner, { first: i, last: i });
      else life.last = i;
    }
  });
  return lives;
};

/** The buffer that a written one may share memory with, in a kernel that allows it for whole buffers. */
const partnersOf = (item: Item, written: PlannedBuffer): readonly PlannedBuffer[] => {
  if (item.kind !== "kernel") return [];
  const whole = (buffer: Buffer): PlannedBuffer | undefined => {
    const { owner } = ownerOf(buffer);
    return owner === buffer ? owner : undefined;
  };
  return (item.kernel.inPlace ?? [])
    .filter(([write]) => write === written)
    .map(([, read]) => whole(read))
    .filter((read) => read !== undefined)
    .filter((read) => paddedBytes(read) === paddedBytes(written));
};

/**
 * Gives every intermediate buffer a place in one arena: a place is used again as soon as nobody reads
 * it any more, by the same kernel if it can work in place. Outputs may take over the memory of
 * donated inputs in the same way; that is decided at each run, by whom the memory belongs to.
 */
export const placeInArena = (
  items: readonly Item[],
  all: readonly PlannedBuffer[],
  inputs: readonly PlannedBuffer[],
  outputs: readonly PlannedBuffer[],
  donate: readonly number[],
): Arena => {
  const lives = livesOf(items);
  const inArena = all.filter(({ home }) => home.kind === "arena");
  const dying = items.map((): PlannedBuffer[] => []);
  for (const buffer of inArena) {
    const life = lives.get(buffer);
    if (life !== undefined) dying[life.last]?.push(buffer);
  }
  const offsets = new Map<PlannedBuffer, number>();
  const free = new FreeList();
  items.forEach((item, i) => {
    const taken = new Set<PlannedBuffer>();
    for (const buffer of writesOf(item)) {
      const { owner } = ownerOf(buffer);
      if (owner.home.kind !== "arena" || offsets.has(owner)) continue;
      const partner = partnersOf(item, owner).find(
        (read) =>
          read.home.kind === "arena" &&
          lives.get(read)?.last === i &&
          offsets.has(read) &&
          !taken.has(read),
      );
      if (partner === undefined) offsets.set(owner, free.take(paddedBytes(owner)));
      else {
        taken.add(partner);
        offsets.set(owner, offsets.get(partner) as number);
      }
    }
    for (const buffer of dying[i] ?? []) {
      const offset = offsets.get(buffer);
      if (offset !== undefined && !taken.has(buffer)) free.give(offset, paddedBytes(buffer));
    }
  });
  const reuse = takeovers(items, lives, inputs, outputs, donate);
  return { offsets, arenaBytes: free.size, reuse };
};

const takeovers = (
  items: readonly Item[],
  lives: ReadonlyMap<PlannedBuffer, Life>,
  inputs: readonly PlannedBuffer[],
  outputs: readonly PlannedBuffer[],
  donate: readonly number[],
): readonly (number | undefined)[] => {
  const available = new Set(donate);
  return outputs.map((output) => {
    const born = lives.get(output)?.first;
    if (born === undefined) return undefined;
    const item = items[born] as Item;
    const partners = partnersOf(item, output);
    const fits = [...available].filter((i) => {
      const input = inputs[i];
      if (input === undefined || paddedBytes(input) !== paddedBytes(output)) return false;
      const last = lives.get(input)?.last ?? -1;
      return last < born || (last === born && partners.includes(input));
    });
    // Working in place is better than another buffer's memory: it is in the cache.
    const chosen = fits.find((i) => partners.includes(inputs[i] as PlannedBuffer)) ?? fits[0];
    if (chosen !== undefined) available.delete(chosen);
    return chosen;
  });
};
