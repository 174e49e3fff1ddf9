import type { LabelledImages } from "./dataset.ts";
import type { IdxArray } from "./idx.ts";

/** Is the content of an IDX file together with the name that errors give it. */
export interface NamedIdx {
  /** Name of the file. */
  readonly name: string;
  /** Its content. */
  readonly idx: IdxArray;
}

/**
 * Joins an IDX file of images and one of labels, and scales pixels from 0 … 255 to [0, 1].
 *
 * @param images uint8, [count, height, width].
 * @param labels uint8, [count], each below `classes`.
 * @param options.classes Number of classes. Default 256, which accepts every label.
 * @throws Error that names the file when a file is of the wrong kind, the counts differ, or a label
 * is out of range.
 *
 * @example
 * ```ts
 * import { labelledImages } from "@layerwise/data";
 *
 * const { images } = labelledImages(
 *   { name: "images", idx: { dtype: "uint8", shape: [1, 1, 2], data: Uint8Array.of(0, 255) } },
 *   { name: "labels", idx: { dtype: "uint8", shape: [1], data: Uint8Array.of(7) } },
 * );
 * if (images.join() !== "0,1") throw new Error("wrong pixels");
 * ```
 */
export function labelledImages(
  images: NamedIdx,
  labels: NamedIdx,
  { classes = 256 }: { readonly classes?: number } = {},
): LabelledImages {
  const pixels = unlabelledImages(images);
  const classOf = bytesOf(labels, "labels", ["count"]);
  const { count } = pixels;
  if (classOf.length !== count) {
    throw new Error(
      `${labels.name}: expected ${count} labels, one for each image of ${images.name}, found ${classOf.length}`,
    );
  }
  const bad = classOf.findIndex((label) => label >= classes);
  if (bad >= 0) {
    throw new Error(
      `${labels.name}: expected labels below ${classes}, found ${classOf[bad]} at ${bad}`,
    );
  }
  const { imageShape } = pixels;
  return { images: pixels.images, labels: classOf.slice(), imageShape };
}

/** Is a set of images without labels. */
export type UnlabelledImages = Omit<LabelledImages, "labels"> & {
  /** Number of images. */
  readonly count: number;
};

/**
 * Takes the images of an IDX file, and scales pixels from 0 … 255 to [0, 1].
 *
 * @param images uint8, [count, height, width].
 * @throws Error that names the file when it is of the wrong kind.
 *
 * @example
 * ```ts
 * import { unlabelledImages } from "@layerwise/data";
 *
 * const idx = { dtype: "uint8", shape: [1, 1, 2], data: Uint8Array.of(0, 255) } as const;
 * const { images, count } = unlabelledImages({ name: "images", idx });
 * if (images.join() !== "0,1" || count !== 1) throw new Error("wrong pixels");
 * ```
 */
export function unlabelledImages(images: NamedIdx): UnlabelledImages {
  const pixels = bytesOf(images, "images", ["count", "height", "width"]);
  const [count, height, width] = images.idx.shape as [number, number, number];
  return { images: unitInterval(pixels), count, imageShape: [height, width] };
}

function unitInterval(pixels: Uint8Array): Float32Array<ArrayBuffer> {
  // Float32Array.from with a mapper takes seconds for MNIST's 47 million pixels; this loop does not.
  const out = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) out[i] = (pixels[i] as number) / 255;
  return out;
}

function bytesOf(
  { name, idx }: NamedIdx,
  kind: "images" | "labels",
  axes: readonly string[],
): Uint8Array<ArrayBuffer> {
  if (idx.dtype === "uint8" && idx.shape.length === axes.length) return idx.data;
  const looksLike =
    idx.dtype !== "uint8" ? "" : ({ 1: "labels, ", 3: "images, " }[idx.shape.length] ?? "");
  throw new Error(
    `${name}: expected ${kind}, uint8 [${axes.join(", ")}], found ${looksLike}${idx.dtype} [${idx.shape.join(", ")}]`,
  );
}
