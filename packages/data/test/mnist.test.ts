import { encodeIdx, encodeIdxGzip, mnist } from "@layerwise/data";
import { expect, test } from "vitest";

const shapes: Record<string, readonly number[]> = {
  "train-images-idx3-ubyte": [60_000, 28, 28],
  "train-labels-idx1-ubyte": [60_000],
  "t10k-images-idx3-ubyte": [10_000, 28, 28],
  "t10k-labels-idx1-ubyte": [10_000],
};

/** Files of the right shapes, all zero but the last value, which is 3; one may be replaced. */
const files =
  (replace: Record<string, readonly number[]> = {}) =>
  async (name: string): Promise<Uint8Array> => {
    const shape = replace[name] ?? shapes[name] ?? [];
    const data = new Uint8Array(shape.reduce((a, b) => a * b, 1));
    data[data.length - 1] = 3;
    return name.startsWith("train")
      ? encodeIdx({ dtype: "uint8", shape, data })
      : encodeIdxGzip({ dtype: "uint8", shape, data });
  };

test("mnist() reads plain and gzip files through a function", async () => {
  const { train, test: held } = await mnist({ source: files() });
  expect([train.images.length, train.labels.length]).toEqual([60_000 * 784, 60_000]);
  expect([train.labels.at(-1), held.labels.at(-1)]).toEqual([3, 3]);
  expect(held.images.at(-1)).toBe(Math.fround(3 / 255));
  expect(held.imageShape).toEqual([28, 28]);
});

test.for([
  [
    "another size",
    { "train-images-idx3-ubyte": [60_000, 14, 14] },
    "train-images-idx3-ubyte: expected MNIST's [60000, 28, 28], found [60000, 14, 14]",
  ],
  [
    "labels where images are wanted",
    { "t10k-images-idx3-ubyte": [10_000] },
    "t10k-images-idx3-ubyte: expected images, uint8 [count, height, width], found labels, uint8 [10000]",
  ],
] as const)("mnist() refuses %s", async ([, replace, message]) => {
  await expect(mnist({ source: files(replace) })).rejects.toThrow(new Error(message));
});
