import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";

await tf.setBackend("cpu");

/** The largest absolute difference between a tensor and numbers nested in any way. */
export function maxDifference(got: tf.Tensor, want: unknown): number {
  const expected = [want].flat(Infinity) as number[];
  if (expected.length !== got.size) throw new Error(`${got.size} values, not ${expected.length}`);
  const distances = [...got.dataSync()].map((value, i) => Math.abs(value - (expected[i] ?? NaN)));
  // NaN must not pass for a small difference.
  return distances.some(Number.isNaN) ? Infinity : Math.max(...distances);
}

/** Tensors alive now. */
export function alive(): number {
  return tf.memory().numTensors;
}
