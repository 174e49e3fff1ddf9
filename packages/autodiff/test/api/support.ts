import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect } from "vitest";

/** Makes tfjs's cpu backend the active one for the file. */
export const onCpu = (): void => {
  beforeAll(async () => {
    await tf.setBackend("cpu");
    await tf.ready();
  });
};

/** The elements of a tensor in row-major order. */
export const numbers = (x: tf.Tensor): number[] => Array.from(x.dataSync());

/**
 * Asserts that a tensor has this shape and elements, up to `tolerance` relative to the larger of 1 and
 * the reference. The default is about ten roundings in single precision.
 */
export const expectTensor = (
  x: tf.Tensor,
  shape: readonly number[],
  wanted: ArrayLike<number>,
  tolerance = 1e-6,
): void => {
  expect(x.shape).toEqual(shape);
  const got = numbers(x);
  expect(got.length).toBe(wanted.length);
  const agree = got.every((v, i) => {
    const reference = wanted[i]!;
    return Math.abs(v - reference) <= tolerance * Math.max(1, Math.abs(reference));
  });
  if (!agree) expect(got).toEqual(Array.from(wanted));
};

/** A scalar function of a vector in double precision. */
export type Scalar = (x: readonly number[]) => number;

const moved = (x: readonly number[], i: number, by: number): number[] =>
  x.map((v, k) => (k === i ? v + by : v));

/** Gradient by central differences in double precision; the error is about 1e-9. */
export const differences = (f: Scalar, x: readonly number[], h = 1e-5): number[] =>
  x.map((_, i) => (f(moved(x, i, h)) - f(moved(x, i, -h))) / (2 * h));

/** Second derivatives by central differences in double precision, row by row; the error is about 1e-7. */
export const secondDifferences = (f: Scalar, x: readonly number[], h = 1e-4): number[] =>
  x.flatMap((_, i) =>
    x.map((_, j) => {
      const g = (a: number, b: number) => f(moved(moved(x, i, a), j, b));
      return (g(h, h) - g(h, -h) - g(-h, h) + g(-h, -h)) / (4 * h * h);
    }),
  );
