// What there is to see of pre-trained layers, as images of 784 values each.
import { random, treeDispose, treeGet } from "@layerwise/autodiff";
import type { AutoencoderVariables } from "@layerwise/autoencoders";
import { imagesTensor, type LabelledImages, take } from "@layerwise/data";
import * as tf from "@tensorflow/tfjs-core";
import { stack } from "./pretrain.ts";

export type Images = readonly Float32Array[];

/** The weights of each unit of the first layer: the columns of its kernel [784, units]. */
export async function filtersOf([first]: readonly AutoencoderVariables[]): Promise<Images> {
  if (first === undefined) return [];
  const columns = tf.transpose(treeGet(first.params, "encoder.dense.kernel") as tf.Tensor2D);
  const images = await rowsOf(columns);
  columns.dispose();
  return images;
}

/** Some digits as they are, as the autoencoders see them in training, and what they make of that. */
export async function reconstructionsOf(
  variables: readonly AutoencoderVariables[],
  digits: LabelledImages,
): Promise<Readonly<Record<string, Images>>> {
  const x = imagesTensor(take(digits, 10));
  const tensors = tf.tidy(() => {
    const corrupted = stack[0]?.corrupt(random.key(1), x) ?? x;
    const through = (depth: number): tf.Tensor => {
      const layers = stack.slice(0, depth).map((model, i) => ({ model, own: variables[i]! }));
      const code = layers.reduce((h, { model, own }) => model.encode(own, h), corrupted);
      return layers.reduceRight((h, { model, own }) => model.decode(own, h), code);
    };
    return { original: x, corrupted, "by one layer": through(1), "by both layers": through(2) };
  });
  const entries = Object.entries(tensors).map(
    async ([name, rows]) => [name, await rowsOf(rows)] as const,
  );
  const images = Object.fromEntries(await Promise.all(entries));
  treeDispose([x, tensors]);
  return images;
}

async function rowsOf(x: tf.Tensor): Promise<Images> {
  const values = (await x.data()) as Float32Array;
  const [rows = 0, size = 0] = x.shape;
  return Array.from({ length: rows }, (_, i) => values.slice(i * size, (i + 1) * size));
}
