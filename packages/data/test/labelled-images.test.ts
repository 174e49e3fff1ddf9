import { labelledImages, type NamedIdx } from "@layerwise/data";
import { expect, test } from "vitest";

const bytes = (name: string, shape: readonly number[], data: readonly number[]): NamedIdx => ({
  name,
  idx: { dtype: "uint8", shape, data: Uint8Array.from(data) },
});
const images = bytes("images", [2, 1, 2], [0, 51, 204, 255]);

test("scales pixels by 255 (0, 51, 204, 255 = 0, 1/5, 4/5, 1) and keeps the labels", () => {
  expect(labelledImages(images, bytes("labels", [2], [3, 4]))).toStrictEqual({
    images: Float32Array.of(0, 0.2, 0.8, 1),
    labels: Uint8Array.of(3, 4),
    imageShape: [1, 2],
  });
});

test.for([
  [
    "labels where images are wanted",
    bytes("labels", [2], [3, 4]),
    bytes("labels", [2], [3, 4]),
    "labels: expected images, uint8 [count, height, width], found labels, uint8 [2]",
  ],
  [
    "images where labels are wanted",
    images,
    images,
    "images: expected labels, uint8 [count], found images, uint8 [2, 1, 2]",
  ],
  [
    "another data type",
    { name: "floats", idx: { dtype: "float32", shape: [2, 1, 2], data: new Float32Array(4) } },
    images,
    "floats: expected images, uint8 [count, height, width], found float32 [2, 1, 2]",
  ],
  [
    "another number of dimensions",
    bytes("colour", [1, 1, 2, 2], [1, 2, 3, 4]),
    images,
    "colour: expected images, uint8 [count, height, width], found uint8 [1, 1, 2, 2]",
  ],
  [
    "different counts",
    images,
    bytes("labels", [3], [1, 2, 3]),
    "labels: expected 2 labels, one for each image of images, found 3",
  ],
  [
    "a label out of range",
    images,
    bytes("labels", [2], [9, 10]),
    "labels: expected labels below 10, found 10 at 1",
  ],
] as const)("refuses %s", ([, first, second, message]) => {
  expect(() => labelledImages(first, second, { classes: 10 })).toThrow(new Error(message));
});
