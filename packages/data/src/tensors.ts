import {
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tensor,
  tensor1d,
  tensor2d,
} from "@tensorflow/tfjs-core";
import { oneHot } from "./columns.ts";
import type { LabelledImages } from "./dataset.ts";
import { gatherRows, type NumericArray } from "./gather.ts";

/**
 * Makes the float32 tensor of all images, [count, height · width].
 *
 * tfjs keeps the array it is given rather than copying it, so this copies: later writes to
 * `data.images` do not show in the tensor.
 *
 * @example
 * ```ts
 * import { imagesTensor } from "@layerwise/data";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const data = { images: new Float32Array(12), labels: Uint8Array.of(7, 8, 9), imageShape: [2, 2] } as const;
 * const x = imagesTensor(data);
 * if (x.shape.join() !== "3,4") throw new Error("wrong shape");
 * x.dispose();
 * ```
 */
export function imagesTensor({ images, labels, imageShape }: LabelledImages): Tensor2D {
  return tensor2d(images.slice(), [labels.length, imageShape[0] * imageShape[1]], "float32");
}

/**
 * Makes the int32 tensor of class labels, [count].
 *
 * @example
 * ```ts
 * import { labelsTensor } from "@layerwise/data";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const y = labelsTensor([3, 1]);
 * if (y.dtype !== "int32" || y.shape.join() !== "2") throw new Error("wrong tensor");
 * y.dispose();
 * ```
 */
export function labelsTensor(labels: ArrayLike<number>): Tensor1D {
  return tensor1d(Int32Array.from(labels), "int32");
}

/**
 * Makes the float32 tensor of one-hot labels, [count, classes].
 *
 * @throws RangeError when a label is outside [0, classes).
 *
 * @example
 * ```ts
 * import { oneHotTensor } from "@layerwise/data";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const y = oneHotTensor([3, 1], 10);
 * if (y.shape.join() !== "2,10") throw new Error("wrong shape");
 * y.dispose();
 * ```
 */
export function oneHotTensor(labels: ArrayLike<number>, classes: number): Tensor2D {
  return tensor2d(oneHot(labels, classes), [labels.length, classes], "float32");
}

/**
 * Assembles one batch on the host and makes its tensor, [indices.length, ...rowShape].
 *
 * For data that does not fit on the device; data that does is faster with `residentBatches`. Integer
 * arrays give int32, floating-point arrays float32.
 *
 * @param values Row-major values of all examples.
 * @param rowShape Shape of one example; `[]` for scalars such as labels.
 * @param indices Examples of the batch, as from `batches`.
 * @throws RangeError when an index is outside the data.
 *
 * @example
 * ```ts
 * import { gatherTensor } from "@layerwise/data";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const batch = gatherTensor(Float32Array.of(1, 2, 3, 4, 5, 6), [2], [2, 0]);
 * if (batch.dataSync().join() !== "5,6,1,2") throw new Error("wrong batch");
 * batch.dispose();
 * ```
 */
export function gatherTensor(
  values: NumericArray,
  rowShape: readonly number[],
  indices: ArrayLike<number>,
): Tensor {
  const rowSize = rowShape.reduce((product, size) => product * size, 1);
  const rows = gatherRows(values, rowSize, indices);
  const shape = [indices.length, ...rowShape];
  return rows instanceof Float32Array || rows instanceof Float64Array
    ? tensor(Float32Array.from(rows), shape, "float32")
    : tensor(Int32Array.from(rows), shape, "int32");
}
