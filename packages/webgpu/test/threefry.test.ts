import * as tf from "@tensorflow/tfjs-core";
import { expect } from "vitest";
import { gpuTest } from "./gpu.ts";
import { bitsOf, int32, sizes, upload, words } from "./words.ts";

const threefry = (key: tf.Tensor, x0: tf.Tensor, x1: tf.Tensor): tf.Tensor[] =>
  tf.engine().runKernel("LayerwiseThreefry2x32", { key, x0, x1 }) as unknown as tf.Tensor[];

const hash = async (key: tf.Tensor, x0: tf.Tensor, x1: tf.Tensor): Promise<number[][]> =>
  Promise.all(threefry(key, x0, x1).map(bitsOf));

/** Threefry-2x32-20 written from the paper's definition: key schedule by subkey index, in BigInt arithmetic. */
const reference = (key: readonly number[], counter: readonly number[]): [number, number] => {
  const mask = 0xffffffffn;
  const [k0, k1] = key.map(BigInt) as [bigint, bigint];
  const extended = [k0, k1, 0x1bd11bdan ^ k0 ^ k1];
  const rotations = [13n, 15n, 26n, 6n, 17n, 29n, 16n, 24n];
  let [a, b] = counter.map(BigInt) as [bigint, bigint];
  for (let round = 0; round <= 20; round++) {
    if (round % 4 === 0) {
      const subkey = round / 4;
      a = (a + (extended[subkey % 3] as bigint)) & mask;
      b = (b + (extended[(subkey + 1) % 3] as bigint) + BigInt(subkey)) & mask;
    }
    if (round === 20) break;
    const r = rotations[round % 8] as bigint;
    a = (a + b) & mask;
    b = (((b << r) | (b >> (32n - r))) & mask) ^ a;
  }
  return [Number(a), Number(b)];
};

// Random123's kat_vectors, threefry2x32 with 20 rounds.
const known = [
  { key: [0, 0], counter: [0, 0], want: [0x6b200159, 0x99ba4efe] },
  {
    key: [0xffffffff, 0xffffffff],
    counter: [0xffffffff, 0xffffffff],
    want: [0x1cb996fc, 0xbb002be7],
  },
  {
    key: [0x13198a2e, 0x03707344],
    counter: [0x243f6a88, 0x85a308d3],
    want: [0xc4923a9c, 0x483df7a0],
  },
];

gpuTest.for(known)(
  "threefry: Random123's known answer for key $key",
  async ({ key, counter, want }) => {
    expect(reference(key, counter)).toEqual(want);
    const [c0, c1] = counter as [number, number];
    expect(await hash(int32(key), int32([c0]), int32([c1]))).toEqual(want.map((word) => [word]));
  },
);

gpuTest.for(sizes)("threefry: %i elements equal the BigInt reference", async (size) => {
  const [k, a, b] = [words(2, 7), words(size, 1), words(size, 2)];
  const want = Array.from(a, (word, i) => reference([...k], [word, b[i] as number]));
  const wantLanes = [want.map(([y]) => y), want.map(([, y]) => y)];
  for (const side of [(x: tf.Tensor) => x, upload]) {
    expect(await hash(side(int32(k)), side(int32(a)), side(int32(b)))).toEqual(wantLanes);
  }
});

gpuTest("threefry: the outputs have the inputs' shape, at rank 0 and at rank 7 too", async () => {
  for (const shape of [[], [2, 1, 3], [1, 2, 1, 3, 1, 1, 2]]) {
    const x = words(tf.util.sizeFromShape(shape), 3);
    const [y0, y1] = threefry(int32([5, 6]), int32(x, shape), int32(x, shape)) as [
      tf.Tensor,
      tf.Tensor,
    ];
    expect([y0.shape, y1.shape, y0.dtype]).toEqual([shape, shape, "int32"]);
    const want = Array.from(x, (word) => reference([5, 6], [word, word]));
    expect(await bitsOf(y0)).toEqual(want.map(([y]) => y));
    expect(await bitsOf(y1)).toEqual(want.map(([, y]) => y));
  }
});

gpuTest("threefry: says what is wrong with its inputs", () => {
  const x = int32([1, 2, 3]);
  expect(() => threefry(int32([1, 2, 3]), x, x)).toThrow("expected key of shape [2], got [3]");
  expect(() => threefry(int32([1, 2]), x, int32([1]))).toThrow("expected x1 of shape [3], got [1]");
  expect(() => threefry(tf.tensor1d([1, 2]), x, x)).toThrow(
    "expected key of dtype int32, got float32",
  );
});
