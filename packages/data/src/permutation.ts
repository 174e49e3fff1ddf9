import { boundedInteger, streamKey, uint32Source } from "./threefry.ts";

/**
 * Returns a uniformly random permutation of 0 … n−1, the same on every runtime.
 *
 * Fisher–Yates with unbiased bounded integers from Threefry-2x32. `path` separates independent
 * shuffles made from one seed.
 *
 * @param n Number of elements, at least 0 and below 2³¹.
 * @param seed Integer in [0, 2⁵³).
 * @param path Integers in [0, 2⁵³) that name the use, for example an epoch number. Default none.
 * @throws RangeError when `n`, `seed` or `path` is out of range.
 *
 * @example
 * ```ts
 * import { permutation } from "@layerwise/data";
 *
 * const order = permutation(10, 42);
 * if (new Set(order).size !== 10) throw new Error("not a permutation");
 * ```
 */
export function permutation(
  n: number,
  seed: number,
  path: readonly number[] = [],
): Int32Array<ArrayBuffer> {
  if (!Number.isInteger(n) || n < 0 || n >= 2 ** 31) {
    throw new RangeError(`permutation: expected n in [0, 2^31), got ${n}`);
  }
  const order = Int32Array.from({ length: n }, (_, i) => i);
  const next = uint32Source(streamKey(seed, path));
  for (let last = n - 1; last > 0; last--) {
    const pick = boundedInteger(next, last + 1);
    const held = order[last] as number;
    order[last] = order[pick] as number;
    order[pick] = held;
  }
  return order;
}

// First path element of every use of a seed inside this package: one seed given to a split and to
// its batches must not make the two shuffles the same.
export const SHUFFLE = { batches: 0, split: 1, balanced: 2 } as const;
