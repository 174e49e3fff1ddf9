import { at } from "../ir/shape.ts";

/**
 * Positions closest to the wanted ones (least squares) that keep their order and stand at least
 * `distances[i]` after the one before: isotonic regression by pooling adjacent violators.
 */
export const spread = (wanted: readonly number[], distances: readonly number[]): number[] => {
  let total = 0;
  const offsets = wanted.map((_, i) => {
    total += at(distances, i);
    return total;
  });
  const pools: { mean: number; count: number }[] = [];
  wanted.forEach((position, i) => {
    let pool = { mean: position - at(offsets, i), count: 1 };
    for (let last = pools.at(-1); last && last.mean >= pool.mean; last = pools.at(-1)) {
      pools.pop();
      const count = last.count + pool.count;
      pool = { mean: (last.mean * last.count + pool.mean * pool.count) / count, count };
    }
    pools.push(pool);
  });
  const means = pools.flatMap(({ mean, count }) => Array<number>(count).fill(mean));
  return means.map((mean, i) => mean + at(offsets, i));
};
