import { compile, random } from "@layerwise/autodiff";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { erf } from "../../src/host/erf.ts";
import golden from "./fixtures/golden.json" with { type: "json" };

const numbers = (x: tf.Tensor): number[] => Array.from(x.dataSync());

/** int32 elements as the unsigned words that they hold. */
const words = (x: tf.Tensor): number[] => numbers(x).map((v) => v >>> 0);

/** The bits of float32 elements. */
const bitsOf = (x: tf.Tensor): number[] => {
  expect(x.dtype).toBe("float32");
  return Array.from(new Uint32Array(Float32Array.from(x.dataSync()).buffer));
};

/** FNV-1a over 32-bit words. */
const fnv = (values: readonly number[]): number =>
  values.reduce((hash, v) => Math.imul(hash ^ v, 0x01000193), 0x811c9dc5) >>> 0;

// Floats of either sign on one line, neighbours one apart.
const position = (bits: number): number => (bits >= 0x80000000 ? 0x80000000 - bits : bits);

/** The largest distance in units in the last place. */
const ulps = (got: readonly number[], wanted: readonly number[]): number => {
  expect(got.length).toBe(wanted.length);
  return got.reduce(
    (most, v, i) => Math.max(most, Math.abs(position(v) - position(wanted[i]!))),
    0,
  );
};

/** The samplers on a tfjs backend against numbers drawn with JAX. */
export const testSamplers = (backend: string): void => {
  const key = () => random.key(42);

  beforeAll(async () => {
    await tf.setBackend(backend);
    await tf.ready();
  });

  describe(`bits as JAX draws them, on ${backend}`, () => {
    test("key", () => {
      for (const { seed, words: wanted } of golden.key) {
        expect(words(random.key(seed))).toEqual(wanted);
      }
      for (const seed of [-1, 0.5, Number.NaN, 2 ** 53]) {
        expect(() => random.key(seed)).toThrow(`0 to 2^53 - 1, got ${seed}`);
      }
    });

    test("split", () => {
      for (const { count, keys } of golden.split) {
        expect(random.split(key(), count).map(words)).toEqual(keys);
      }
      expect(random.split(key()).length).toBe(2);
      for (const count of [0, -1, 1.5])
        expect(() => random.split(key(), count)).toThrow(`got ${count}`);
    });

    test("foldIn of numbers and of tensors", () => {
      for (const { data, words: wanted } of golden.foldIn) {
        expect(words(random.foldIn(key(), data))).toEqual(wanted);
        expect(words(random.foldIn(key(), tf.scalar(data | 0, "int32")))).toEqual(wanted);
      }
    });

    test("bits of several shapes", () => {
      for (const { shape, bits } of golden.bits) {
        const got = random.bits(key(), shape);
        expect([got.shape, got.dtype]).toEqual([shape, "int32"]);
        expect(words(got)).toEqual(bits);
      }
    });

    test("uniform", () => {
      for (const { minval, maxval, bits } of golden.uniform) {
        const got = bitsOf(random.uniform(key(), [32], { minval, maxval }));
        // XLA scales and shifts in one rounding where the processor can; near 0 that is many ulps of
        // the sum but at most one of the larger bound.
        if (minval === 0 && maxval === 1) expect(got).toEqual(bits);
        const floats = (list: readonly number[]) => new Float32Array(Uint32Array.from(list).buffer);
        const wanted = floats(bits);
        const step = 2 ** -23 * Math.max(Math.abs(minval), Math.abs(maxval));
        floats(got).forEach((v, i) => {
          expect(Math.abs(v - wanted[i]!)).toBeLessThanOrEqual(step);
          expect(v).toBeGreaterThanOrEqual(Math.fround(minval));
          expect(v).toBeLessThanOrEqual(Math.fround(maxval));
        });
      }
      expect(() => random.uniform(key(), [1], { minval: 1, maxval: 0 })).toThrow("got 1 and 0");
    });

    test("bernoulli of numbers and of tensors that broadcast", () => {
      for (const { p, flags } of golden.bernoulli) {
        const got = random.bernoulli(key(), p, [40]);
        expect(got.dtype).toBe("bool");
        expect(numbers(got)).toEqual(flags);
      }
      const rows = tf.tensor2d([[0.1], [0.5], [0.9]]);
      expect(numbers(random.bernoulli(key(), rows, [3, 20]))).toEqual(golden.bernoulliRows);
    });

    test("randint, up to the whole range of int32", () => {
      for (const { minval, maxval, numbers: wanted } of golden.randint) {
        const got = random.randint(key(), [24], minval, maxval);
        expect(got.dtype).toBe("int32");
        expect(numbers(got)).toEqual(wanted);
      }
      expect(() => random.randint(key(), [1], 2, 2)).toThrow("minval < maxval, got 2, 2");
      expect(() => random.randint(key(), [1], 0, 2 ** 31)).toThrow("got 0, 2147483648");
      expect(() => random.randint(key(), [1], 0, 0.5)).toThrow("expected int32");
    });

    test("permutation, up to 100000 by a hash", () => {
      for (const { n, first, hash } of golden.permutation) {
        const order = numbers(random.permutation(key(), n));
        expect(order.slice(0, 10)).toEqual(first);
        expect(fnv(order)).toBe(hash);
      }
    });

    test("categorical, with impossible categories", () => {
      const { logits, rows } = golden.categorical;
      const table = logits.map((row) => row.map((v) => v ?? Number.NEGATIVE_INFINITY));
      const x = tf.tile(tf.expandDims(tf.tensor2d(table)), [10, 1, 1]);
      const got = random.categorical(key(), x);
      expect([got.shape, got.dtype]).toEqual([[10, 4], "int32"]);
      expect(numbers(got)).toEqual(rows);
    });
  });

  describe(`normal numbers as JAX draws them, on ${backend}`, () => {
    test("normal", () => {
      const got = bitsOf(random.normal(key(), [256]));
      // 200000 draws on cpu and wasm differed by at most 3: logarithm and polynomial round otherwise.
      expect(ulps(got, golden.normal)).toBeLessThanOrEqual(3);
    });

    test("truncatedNormal", () => {
      for (const { lower, upper, bits } of golden.truncatedNormal) {
        const x = random.truncatedNormal(key(), lower, upper, [128]);
        // In the tails one step of the uniform number is many ulps of the result, so that these are
        // compared as probabilities: four roundings of numbers below 1.
        const wanted = new Float32Array(Uint32Array.from(bits).buffer);
        x.dataSync().forEach((v, i) => {
          expect(Math.abs(erf(v / Math.SQRT2) - erf(wanted[i]! / Math.SQRT2))).toBeLessThanOrEqual(
            2 ** -22,
          );
          expect(v).toBeGreaterThanOrEqual(lower);
          expect(v).toBeLessThanOrEqual(upper);
        });
      }
      expect(() => random.truncatedNormal(key(), 1, 1, [1])).toThrow("lower < upper, got 1 and 1");
    });
  });

  const samplers: readonly (readonly [string, (k: random.Key) => tf.Tensor])[] = [
    ["split", (k) => tf.stack(random.split(k, 3))],
    ["foldIn", (k) => random.foldIn(k, 5)],
    ["bits", (k) => random.bits(k, [9])],
    ["uniform", (k) => random.uniform(k, [9], { minval: -2, maxval: 3 })],
    ["normal", (k) => random.normal(k, [3, 3])],
    ["truncatedNormal", (k) => random.truncatedNormal(k, -1, 1, [9])],
    ["bernoulli", (k) => random.bernoulli(k, 0.4, [9])],
    ["randint", (k) => random.randint(k, [9], -3, 12)],
    ["permutation", (k) => random.permutation(k, 9)],
    ["categorical", (k) => random.categorical(k, tf.zeros([9, 4]))],
  ];

  test.each(samplers)(`%s draws the same compiled, for every key, on ${backend}`, (_, draw) => {
    const compiled = compile((k: tf.Tensor) => draw(k));
    for (const seed of [0, 1, 2 ** 40]) {
      const k = random.key(seed);
      expect(numbers(compiled(k))).toEqual(numbers(draw(k)));
    }
    expect(compiled.traces).toBe(1);
    compiled.dispose();
  });

  test(`samplers leave only their results behind, on ${backend}`, () => {
    const k = key();
    const before = tf.memory().numTensors;
    for (const [, draw] of samplers) tf.tidy(() => void draw(k));
    expect(tf.memory().numTensors).toBe(before);
    expect(k.isDisposed).toBe(false);
    k.dispose();
  });
};
