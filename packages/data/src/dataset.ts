import { gatherRows } from "./gather.ts";

/** Is a set of images with one class label each, in plain typed arrays. */
export interface LabelledImages {
  /** Pixels in [0, 1], row-major, [count, height · width]. */
  readonly images: Float32Array<ArrayBuffer>;
  /** Class of each image, [count]. */
  readonly labels: Uint8Array<ArrayBuffer>;
  /** Height and width of every image. */
  readonly imageShape: readonly [height: number, width: number];
}

/**
 * Returns the examples at the given indices, in that order, copied.
 *
 * @throws RangeError when an index is outside the dataset.
 *
 * @example
 * ```ts
 * import { subset } from "@layerwise/data";
 *
 * const data = { images: new Float32Array(12), labels: Uint8Array.of(7, 8, 9), imageShape: [2, 2] } as const;
 * if (subset(data, [2, 0]).labels.join() !== "9,7") throw new Error("wrong subset");
 * ```
 */
export function subset(data: LabelledImages, indices: ArrayLike<number>): LabelledImages {
  const [height, width] = data.imageShape;
  return {
    images: gatherRows(data.images, height * width, indices),
    labels: gatherRows(data.labels, 1, indices),
    imageShape: data.imageShape,
  };
}

/**
 * Returns the first `count` examples, copied.
 *
 * @throws RangeError when the dataset holds fewer.
 *
 * @example
 * ```ts
 * import { take } from "@layerwise/data";
 *
 * const data = { images: new Float32Array(12), labels: Uint8Array.of(7, 8, 9), imageShape: [2, 2] } as const;
 * if (take(data, 2).labels.join() !== "7,8") throw new Error("wrong examples");
 * ```
 */
export function take(data: LabelledImages, count: number): LabelledImages {
  const [height, width] = data.imageShape;
  if (!Number.isInteger(count) || count < 0 || count > data.labels.length) {
    throw new RangeError(`take: expected a count in [0, ${data.labels.length}], got ${count}`);
  }
  return {
    images: data.images.slice(0, count * height * width),
    labels: data.labels.slice(0, count),
    imageShape: data.imageShape,
  };
}
