import * as tf from "@tensorflow/tfjs-core";

/** Numbers in [-1, 1) that float32 holds exactly (Numerical Recipes' linear congruential generator). */
export const noise = (size: number, seed: number): Float32Array => {
  let state = seed;
  return Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >> 8) / 2 ** 23;
  });
};

export const random = (shape: number[], seed: number): tf.Tensor =>
  tf.tensor(noise(tf.util.sizeFromShape(shape), seed), shape);

/** Largest absolute difference, or infinity where the lengths differ or a number is missing. */
export const distance = (got: ArrayLike<number>, want: ArrayLike<number>): number => {
  if (got.length !== want.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < got.length; i++) {
    const difference = Math.abs((got[i] as number) - (want[i] as number));
    largest = difference <= largest ? largest : Number.isNaN(difference) ? Infinity : difference;
  }
  return largest;
};

/** Counts of everything that a kernel could leave behind. */
export const live = (): unknown => {
  const { numTensors, numDataBuffers } = tf.memory();
  return { numTensors, numDataBuffers, dataIds: tf.backend().numDataIds() };
};
