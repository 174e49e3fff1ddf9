import { grad, random } from "@layerwise/autodiff";
import { cropping, flatten, mirrorPadding, permute, reshape, zeroPadding } from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { maxDifference } from "./setup.ts";

const none = { params: null, state: null };
const x = random.normal(random.key(0), [2, 4, 3, 2]);

test("flatten and reshape keep the order, the last axis fastest", () => {
  const flat = flatten().apply(none, x).y;
  expect([flat.shape, [...flat.dataSync()]]).toEqual([[2, 24], [...x.dataSync()]]);
  const { y } = reshape([-1, 6]).apply(none, flat);
  expect([y.shape, [...y.dataSync()]]).toEqual([[2, 4, 6], [...x.dataSync()]]);
  expect(flatten().outputShape([])).toEqual([1]);
  expect(flatten().apply(none, tf.ones([5])).y.shape).toEqual([5, 1]);
  expect(reshape([]).apply(none, tf.ones([5, 1])).y.shape).toEqual([5]);
});

test("permute: axis i is axis order[i] of the input, and the inverse takes it back", () => {
  const { y } = permute([2, 0, 1]).apply(none, x);
  expect(y.shape).toEqual([2, 2, 4, 3]);
  const at = (t: tf.Tensor, ...place: number[]) =>
    tf
      .slice(
        t,
        place,
        place.map(() => 1),
      )
      .dataSync()[0];
  expect(at(y, 1, 1, 3, 2)).toBe(at(x, 1, 3, 2, 1));
  expect(maxDifference(permute([1, 2, 0]).apply(none, y).y, x.arraySync())).toBe(0);
});

test("zeros around, and off again: the identity; gradients cross the edge neither way", () => {
  for (const options of [
    { edges: 2 },
    { edges: [1, [0, 3]] },
    { edges: [[2, 1], 0], channelsFirst: true },
  ] as const) {
    const large = zeroPadding(options).apply(none, x).y;
    expect(large.shape.slice(1)).toEqual(zeroPadding(options).outputShape(x.shape.slice(1)));
    expect(tf.sum(large).dataSync()[0]).toBeCloseTo(tf.sum(x).dataSync()[0] ?? 0, 4);
    expect(maxDifference(cropping(options).apply(none, large).y, x.arraySync())).toBe(0);
    const loss = (v: tf.Tensor) => tf.sum(cropping(options).apply(none, v).y);
    const want = zeroPadding(options).apply(none, tf.onesLike(x)).y;
    expect(maxDifference(grad(loss)(large), want.arraySync())).toBe(0);
  }
});

test("mirrors: with the outermost element once or twice", () => {
  const line = tf.tensor3d([1, 2, 3], [1, 3, 1]);
  const run = (mode?: "reflect" | "symmetric") => [
    ...mirrorPadding({ edges: [[2, 1]], mode })
      .apply(none, line)
      .y.dataSync(),
  ];
  expect(run()).toEqual([3, 2, 1, 2, 3, 2]);
  expect(run("symmetric")).toEqual([2, 1, 1, 2, 3, 3]);
  expect(() => mirrorPadding({ edges: 3 }).apply(none, line)).toThrow(
    "mirrorPadding: expected edges that [3, 1] can mirror, got 3",
  );
  expect(mirrorPadding({ edges: 3, mode: "symmetric" }).outputShape([3, 1])).toEqual([9, 1]);
  expect(() => mirrorPadding({ edges: 1, mode: "wrap" as never })).toThrow(
    "mirrorPadding: expected mode reflect or symmetric, got wrap",
  );
});

test("edges of sequences and volumes", () => {
  expect(zeroPadding({ edges: [[1, 2]] }).outputShape([4, 3])).toEqual([7, 3]);
  expect(zeroPadding({ edges: 1 }).outputShape([4, 3, 2, 5])).toEqual([6, 5, 4, 5]);
  expect(cropping({ edges: 1, channelsFirst: true }).outputShape([5, 4, 3])).toEqual([5, 2, 1]);
});

test("errors name what was wanted and what was given", () => {
  expect(() => reshape([2, -1, -1])).toThrow(
    "reshape: expected a shape of positive whole numbers and at most one -1, got [2, -1, -1]",
  );
  expect(() => reshape([5, -1]).outputShape([4, 3])).toThrow(
    "reshape: expected an input shape that fits [5, -1], got [4, 3]",
  );
  expect(() => reshape([5, 2]).apply(none, tf.ones([5, 4]))).toThrow(
    "reshape: expected an input shape that fits [5, 2], got [4]",
  );
  expect(() => permute([1, 2])).toThrow("permute: expected every axis from 0 up, once, got [1, 2]");
  expect(() => permute([0, 0])).toThrow("got [0, 0]");
  expect(() => permute([1, 0]).outputShape([3])).toThrow(
    "permute: expected an input shape of 2 axes, got [3]",
  );
  expect(() => zeroPadding({ edges: -1 })).toThrow(
    "zeroPadding: expected edges: a whole number of at least 0, or [before, after], got -1",
  );
  expect(() => zeroPadding({ edges: [1, 1] }).outputShape([4, 3])).toThrow(
    "zeroPadding: expected an input shape of 2 spatial axes and channels, got [4, 3]",
  );
  expect(() => cropping({ edges: 2 }).outputShape([4, 3])).toThrow(
    "cropping: expected edges that leave something of [4, 3], got 2",
  );
});
