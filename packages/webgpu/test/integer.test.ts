import type * as tf from "@tensorflow/tfjs-core";
import { expect } from "vitest";
import { gpuTest } from "./gpu.ts";
import { bitsOf, int32, run, sizes, upload, words } from "./words.ts";

/** Every oracle is plain number arithmetic on unsigned values, without JavaScript's own shifts where these wrap. */
type Oracle = (a: number, b: number) => number;
const signed = (word: number): number => (word >= 2 ** 31 ? word - 2 ** 32 : word);
const unsigned = (value: number): number => (value < 0 ? value + 2 ** 32 : value);
const byBits =
  (f: (a: boolean, b: boolean) => boolean): Oracle =>
  (a, b) => {
    let word = 0;
    for (let bit = 0; bit < 32; bit++) {
      const at = (value: number): boolean => Math.floor(value / 2 ** bit) % 2 === 1;
      if (f(at(a), at(b))) word += 2 ** bit;
    }
    return word;
  };

const cases: { kernel: string; attrs: Record<string, string>; dtype: string; oracle: Oracle }[] = [
  ...Object.entries<Oracle>({
    and: byBits((a, b) => a && b),
    or: byBits((a, b) => a || b),
    xor: byBits((a, b) => a !== b),
    shift_left: (a, b) => Number((BigInt(a) << BigInt(Math.min(b, 32))) % 2n ** 32n),
    shift_right_logical: (a, b) => Math.floor(a / 2 ** Math.min(b, 32)),
    shift_right_arithmetic: (a, b) => unsigned(Math.floor(signed(a) / 2 ** Math.min(b, 32))),
  }).map(([op, oracle]) => ({ kernel: "LayerwiseBitwise", attrs: { op }, dtype: "int32", oracle })),
  ...Object.entries<Oracle>({
    divide: (a, b) => (b === 0 ? 0xffffffff : Math.floor(a / b)),
    remainder: (a, b) => (b === 0 ? a : a % b),
    maximum: Math.max,
    minimum: Math.min,
  }).map(([op, oracle]) => ({
    kernel: "LayerwiseUint32Binary",
    attrs: { op },
    dtype: "int32",
    oracle,
  })),
  ...Object.entries<Oracle>({
    add: (a, b) => Number(BigInt.asUintN(32, BigInt(a) + BigInt(b))),
    subtract: (a, b) => Number(BigInt.asUintN(32, BigInt(a) - BigInt(b))),
    multiply: (a, b) => Number(BigInt.asUintN(32, BigInt(a) * BigInt(b))),
    divide: (a, b) => unsigned(b === 0 ? -1 : Math.trunc(signed(a) / signed(b)) | 0),
    remainder: (a, b) => unsigned(b === 0 ? signed(a) : (signed(a) % signed(b)) | 0),
  }).map(([op, oracle]) => ({
    kernel: "LayerwiseInt32Binary",
    attrs: { op },
    dtype: "int32",
    oracle,
  })),
  ...Object.entries<Oracle>({
    LT: (a, b) => Number(a < b),
    LE: (a, b) => Number(a <= b),
    GT: (a, b) => Number(a > b),
    GE: (a, b) => Number(a >= b),
  }).map(([direction, oracle]) => ({
    kernel: "LayerwiseUint32Compare",
    attrs: { direction },
    dtype: "bool",
    oracle,
  })),
];

const valuesOf = async (x: tf.Tensor): Promise<number[]> =>
  x.dtype === "bool" ? Array.from(await x.data()) : bitsOf(x);

for (const { kernel, attrs, dtype, oracle } of cases) {
  const name = `${kernel} ${Object.values(attrs)}`;

  gpuTest.for(sizes)(`${name}: %i elements equal plain number arithmetic`, async (size) => {
    const [a, b] = [words(size, 1), words(size, 5)];
    // Every other amount is a small one, so that shifts by 0…32 are well covered.
    for (let i = 1; i < size; i += 2) b[i] = i % 34;
    const want = Array.from(a, (word, i) => oracle(word, b[i] as number));
    for (const side of [(x: tf.Tensor) => x, upload]) {
      const got = run(kernel, { a: side(int32(a)), b: side(int32(b)) }, attrs);
      expect([got.dtype, got.shape]).toEqual([dtype, [size]]);
      expect(await valuesOf(got)).toEqual(want);
    }
  });
}

gpuTest("bitwise: one tensor may be both inputs", async () => {
  const a = upload(int32([1, 2, 0xffffffff]));
  expect(await bitsOf(run("LayerwiseBitwise", { a, b: a }, { op: "xor" }))).toEqual([0, 0, 0]);
});

gpuTest("bitwise: more workgroups than one dispatch dimension holds", async () => {
  // 65535 workgroups of 64 and one element more: tfjs folds the dispatch into two dimensions.
  const size = 65535 * 64 + 1;
  const a = Uint32Array.from({ length: size }, (_, i) => i);
  const got = await run(
    "LayerwiseBitwise",
    { a: int32(a), b: int32(a.toReversed()) },
    { op: "xor" },
  ).data();
  let wrong = 0;
  for (let i = 0; i < size; i++) if (got[i] !== (i ^ (size - 1 - i))) wrong++;
  expect(wrong).toBe(0);
});

gpuTest("integer kernels say what is wrong with their inputs", () => {
  const a = int32([1, 2]);
  expect(() => run("LayerwiseBitwise", { a, b: int32([1]) }, { op: "and" })).toThrow(
    "LayerwiseBitwise: expected b of shape [2], got [1]",
  );
  expect(() => run("LayerwiseBitwise", { a, b: a }, { op: "nand" })).toThrow(
    "LayerwiseBitwise: expected op one of and, or, xor, shift_left, shift_right_logical, shift_right_arithmetic, got nand",
  );
  expect(() => run("LayerwiseUint32Compare", { a, b: a })).toThrow(
    "LayerwiseUint32Compare: expected direction one of LT, LE, GT, GE, got undefined",
  );
});
