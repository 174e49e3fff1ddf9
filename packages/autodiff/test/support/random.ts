/** Uniform numbers in [0, 1) that are the same on every machine (mulberry32). */
export type Random = () => number;

/** A generator that starts from a number or a text. */
export const generator = (seed: number | string): Random => {
  let state = typeof seed === "number" ? seed | 0 : 0;
  if (typeof seed === "string") {
    for (let i = 0; i < seed.length; i++) state = Math.imul(state ^ seed.charCodeAt(i), 0x01000193);
  }
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** Makes the elements of one operand. */
export type Sampler = (size: number, random: Random) => number[];

const each =
  (draw: (random: Random) => number): Sampler =>
  (size, random) =>
    Array.from({ length: size }, () => draw(random));

/** Between low and high. */
export const uniform = (low = -2, high = 2): Sampler => each((r) => low + (high - low) * r());

/** Of either sign and of a size between low and high. */
export const awayFromZero = (low = 0.25, high = 2): Sampler =>
  each((r) => (r() < 0.5 ? -1 : 1) * (low + (high - low) * r()));

/** At least 0.1 away from all multiples of ½, where rounding jumps. */
export const betweenHalves = (low = -4, high = 4): Sampler =>
  each((r) => (Math.floor(2 * (low + (high - low) * r())) + 0.2 + 0.6 * r()) / 2);

/** All different: the numbers offset + spacing·k, with k from about −size/2 to size/2, shuffled. */
export const distinct =
  (spacing = 0.4, offset = 0): Sampler =>
  (size, random) => {
    const values = Array.from(
      { length: size },
      (_, i) => offset + spacing * (i - Math.floor(size / 2)),
    );
    for (let i = size - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [values[i], values[j]] = [values[j]!, values[i]!];
    }
    return values;
  };

/** Whole numbers from low to high, both included. */
export const integers = (low: number, high: number): Sampler =>
  each((r) => low + Math.floor(r() * (high - low + 1)));

/** Any 32 bits; stored into a signed array they become negative half of the time. */
export const bits: Sampler = integers(0, 2 ** 32 - 1);

/** 0 or 1. */
export const flags: Sampler = integers(0, 1);

/** These numbers, repeated from the start where there are more elements. */
export const exactly =
  (...values: readonly number[]): Sampler =>
  (size) =>
    Array.from({ length: size }, (_, i) => values[i % values.length]!);
