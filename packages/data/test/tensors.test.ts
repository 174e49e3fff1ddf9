import "@tensorflow/tfjs-backend-cpu";
import {
  batches,
  gatherRows,
  gatherTensor,
  imagesTensor,
  type LabelledImages,
  labelsTensor,
  oneHotTensor,
  residentBatches,
} from "@layerwise/data";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const data: LabelledImages = {
  images: Float32Array.from({ length: 28 }, (_, i) => i / 28),
  labels: Uint8Array.of(0, 1, 2, 3, 4, 5, 6),
  imageShape: [2, 2],
};

test("tensors have the stated shape, dtype and values", () => {
  const images = imagesTensor(data);
  expect([images.shape, images.dtype]).toEqual([[7, 4], "float32"]);
  expect(images.dataSync()).toEqual(data.images);
  const labels = labelsTensor(data.labels);
  expect([labels.shape, labels.dtype]).toEqual([[7], "int32"]);
  expect([...labels.dataSync()]).toEqual([0, 1, 2, 3, 4, 5, 6]);
  const hot = oneHotTensor([2, 0], 3);
  expect([hot.shape, hot.dtype]).toEqual([[2, 3], "float32"]);
  expect([...hot.dataSync()]).toEqual([0, 0, 1, 1, 0, 0]);
  tf.dispose([images, labels, hot]);
});

test("a tensor does not change when the dataset's array does", () => {
  const own = { ...data, images: data.images.slice() };
  const images = imagesTensor(own);
  own.images.fill(9);
  expect(images.dataSync()).toEqual(data.images);
  images.dispose();
});

test("gatherTensor gives float32 or int32 of the row shape", () => {
  const images = gatherTensor(data.images, [2, 2], [6, 1]);
  expect([images.shape, images.dtype]).toEqual([[2, 2, 2], "float32"]);
  expect(images.dataSync()).toEqual(gatherRows(data.images, 4, [6, 1]));
  const labels = gatherTensor(data.labels, [], [6, 1]);
  expect([labels.shape, labels.dtype]).toEqual([[2], "int32"]);
  expect([...labels.dataSync()]).toEqual([6, 1]);
  tf.dispose([images, labels]);
});

test("resident batches equal host-assembled ones, and leave no tensor behind", () => {
  const dataset = { x: imagesTensor(data), y: labelsTensor(data.labels) };
  const options = { seed: 5, epochs: 2 };
  const before = tf.memory().numTensors;
  const host = [...batches(7, 3, options)];
  let k = 0;
  for (const { tensors, ...position } of residentBatches(dataset, 3, options)) {
    const { indices, ...expected } = host[k++] as (typeof host)[number];
    expect(position).toEqual(expected);
    expect(tensors.x.dataSync()).toEqual(gatherRows(data.images, 4, indices));
    expect([...tensors.y.dataSync()]).toEqual([...gatherRows(data.labels, 1, indices)]);
    tf.dispose(tensors);
  }
  expect(k).toBe(host.length);
  expect(tf.memory().numTensors).toBe(before);
  tf.dispose(dataset);
});

test("resident batches refuse tensors of different lengths", () => {
  const dataset = { x: tf.zeros([3, 2]), y: tf.zeros([4]) };
  expect(() => residentBatches(dataset, 2).next()).toThrow(
    "residentBatches: expected tensors with the same first axis, got x [3, 2], y [4]",
  );
  tf.dispose(dataset);
});
