import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";

await tf.setBackend("cpu");

/** The largest absolute difference between tensors and nested arrays, leaf by leaf. */
export function maxDifference(
  got: Readonly<Record<string, tf.Tensor>>,
  want: Readonly<Record<string, unknown>>,
): number {
  const differences = Object.entries(got).flatMap(([name, tensor]) => {
    const expected = [want[name]].flat(Infinity) as number[];
    return [...tensor.dataSync()].map((value, i) => Math.abs(value - (expected[i] ?? Number.NaN)));
  });
  return Math.max(...differences);
}
