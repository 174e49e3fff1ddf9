import {
  imagesTensor,
  labelledImages,
  labelsTensor,
  type NamedIdx,
  readBytes,
  readIdx,
  unlabelledImages,
} from "@layerwise/data";
import * as tf from "@tensorflow/tfjs-core";

/** Images as rows [count, height · width] with pixels in [0, 1]. */
export async function readImages(path: string, limit?: number): Promise<tf.Tensor2D> {
  const { images, count, imageShape } = unlabelledImages(await readNamed(path));
  const labels = new Uint8Array(count);
  return first(path, imagesTensor({ images, labels, imageShape }), limit);
}

/** Images as rows, and their labels. */
export interface Labelled {
  readonly x: tf.Tensor2D;
  readonly labels: tf.Tensor1D;
  /** The largest label + 1. */
  readonly classes: number;
}

/** Reads images and their labels, and checks that they belong together. */
export async function readLabelled(
  imagesPath: string,
  labelsPath: string,
  {
    limit,
    classes,
  }: { readonly limit?: number | undefined; readonly classes?: number | undefined },
): Promise<Labelled> {
  const [images, labels] = await Promise.all([readNamed(imagesPath), readNamed(labelsPath)]);
  const all = labelledImages(images, labels, classes === undefined ? {} : { classes });
  return {
    x: first(imagesPath, imagesTensor(all), limit),
    labels: first(labelsPath, labelsTensor(all.labels), limit),
    classes: all.labels.reduce((most, label) => Math.max(most, label), 0) + 1,
  };
}

const readNamed = async (path: string): Promise<NamedIdx> => ({
  name: path,
  idx: await readIdx(await readBytes(path), path),
});

function first<T extends tf.Tensor>(path: string, x: T, limit: number | undefined): T {
  const [count = 0, ...rest] = x.shape;
  if (count === 0) throw new Error(`${path}: expected at least one example, found none`);
  if (limit === undefined || limit === count) return x;
  if (limit > count) {
    throw new Error(`${path}: expected at least --limit ${limit} examples, found ${count}`);
  }
  const some = tf.slice(x, [0, ...rest.map(() => 0)], [limit, ...rest]);
  x.dispose();
  return some as T;
}
