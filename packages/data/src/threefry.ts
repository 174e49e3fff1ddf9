// Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011,
// https://doi.org/10.1145/2063384.2063405. A counter-based generator needs no state: the shuffle of
// any epoch follows from the seed and the epoch number alone, which is what makes resuming exact.

/** Is a pair of unsigned 32-bit words: a Threefry key, counter or output block. */
export type Words = readonly [number, number];

const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

const rotateLeft = (x: number, bits: number): number => (x << bits) | (x >>> (32 - bits));

/** Encrypts one counter block with Threefry-2x32, 20 rounds. */
export function threefry2x32(key: Words, counter: Words): Words {
  const schedule = [key[0], key[1], key[0] ^ key[1] ^ 0x1bd11bda] as const;
  let x0 = (counter[0] + schedule[0]) | 0;
  let x1 = (counter[1] + schedule[1]) | 0;
  for (let group = 0; group < 5; group++) {
    for (const bits of ROTATIONS[(group % 2) as 0 | 1]) {
      x0 = (x0 + x1) | 0;
      x1 = rotateLeft(x1, bits) ^ x0;
    }
    x0 = (x0 + (schedule[((group + 1) % 3) as 0 | 1 | 2] ?? 0)) | 0;
    x1 = (x1 + (schedule[((group + 2) % 3) as 0 | 1 | 2] ?? 0) + group + 1) | 0;
  }
  return [x0 >>> 0, x1 >>> 0];
}

/** Makes the key of a seed and a path of numbers below it, so that different uses never share bits. */
export function streamKey(seed: number, path: readonly number[]): Words {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`seed: expected an integer in [0, 2^53), got ${seed}`);
  }
  let key: Words = [Math.floor(seed / 2 ** 32), seed >>> 0];
  for (const step of path) {
    if (!Number.isSafeInteger(step) || step < 0) {
      throw new RangeError(`seed path: expected integers in [0, 2^53), got [${path.join(", ")}]`);
    }
    key = threefry2x32(key, [Math.floor(step / 2 ** 32), step >>> 0]);
  }
  return key;
}

/** Returns a source of uniform unsigned 32-bit integers: the blocks of counters 0, 1, 2, … in order. */
export function uint32Source(key: Words): () => number {
  let counter = 0;
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const word = spare;
      spare = undefined;
      return word;
    }
    const [word, next] = threefry2x32(key, [Math.floor(counter / 2 ** 32), counter >>> 0]);
    counter++;
    spare = next;
    return word;
  };
}

/** Draws an integer uniform on [0, bound) without modulo bias, for 1 <= bound <= 2^32. */
export function boundedInteger(next: () => number, bound: number): number {
  // The words from the last, incomplete run of `bound` values are drawn again; a plain modulo would
  // make the small remainders more likely.
  const limit = 2 ** 32 - (2 ** 32 % bound);
  let word = next();
  while (word >= limit) word = next();
  return word % bound;
}
