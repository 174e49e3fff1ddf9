import { gather, type Tensor, tensor1d, tidy } from "@tensorflow/tfjs-core";
import { type BatchesOptions, type BatchPosition, batches } from "./batches.ts";

/** Is one minibatch of tensors, with its own position and the one to resume from after it. */
export interface TensorBatch<T extends Readonly<Record<string, Tensor>>> extends BatchPosition {
  /** Rows of each tensor of the dataset; the caller disposes them. */
  readonly tensors: T;
  /** Position of the following batch: save it, and pass it as `start` to go on exactly here. */
  readonly next: BatchPosition;
}

/**
 * Yields minibatches of a dataset that lives on the device, by `tf.gather`.
 *
 * Only the indices of a batch, 4 bytes an example, cross to the device. The order is that of
 * `batches` with the same options. A compiled training step can go further and take the resident
 * tensors and the index tensor as arguments, with the gather inside the step.
 *
 * @param dataset Tensors with the same first axis, the examples; borrowed, never disposed.
 * @param batchSize Examples in a batch.
 * @throws RangeError at the first batch when the first axes differ or an option is out of range.
 *
 * @example
 * ```ts
 * import { residentBatches } from "@layerwise/data";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const dataset = { x: tf.zeros([10, 4]), y: tf.zeros([10], "int32") };
 * for (const { tensors } of residentBatches(dataset, 5, { seed: 1 })) {
 *   if (tensors.x.shape.join() !== "5,4") throw new Error("wrong shape");
 *   tf.dispose(tensors);
 * }
 * ```
 */
export function* residentBatches<T extends Readonly<Record<string, Tensor>>>(
  dataset: T,
  batchSize: number,
  options: BatchesOptions = {},
): Generator<TensorBatch<T>, void, undefined> {
  const count = commonCount(dataset);
  for (const { epoch, batch, indices, next } of batches(count, batchSize, options)) {
    const tensors = tidy(() => {
      const rows = tensor1d(indices, "int32");
      const entries = Object.entries(dataset).map(([name, t]) => [name, gather(t, rows)] as const);
      return Object.fromEntries(entries) as unknown as T & Record<string, Tensor>;
    });
    yield { epoch, batch, tensors, next };
  }
}

function commonCount(dataset: Readonly<Record<string, Tensor>>): number {
  const shapes = Object.entries(dataset).map(([name, { shape }]) => ({ name, shape }));
  const count = shapes[0]?.shape[0];
  if (count === undefined || shapes.some(({ shape }) => shape[0] !== count)) {
    const found = shapes.map(({ name, shape }) => `${name} [${shape.join(", ")}]`).join(", ");
    throw new RangeError(
      `residentBatches: expected tensors with the same first axis, got ${found || "none"}`,
    );
  }
  return count;
}
