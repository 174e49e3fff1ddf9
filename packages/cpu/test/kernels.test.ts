// Oracles: loops written from the definitions, in float64. Inputs are small integers, so that the sums are exact.
import { cpu } from "@layerwise/cpu";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { live } from "./reference.ts";

await cpu();

const integers = (shape: number[], seed: number): tf.Tensor => {
  const size = tf.util.sizeFromShape(shape);
  const values = Float32Array.from({ length: size }, (_, i) => ((i * seed + (i >> 2)) % 7) - 3);
  return tf.tensor(values, shape);
};

const at = (x: tf.Tensor, ...index: number[]): number =>
  x.dataSync()[index.reduce((flat, i, axis) => flat * (x.shape[axis] as number) + i, 0)] as number;

const convolution = { strides: 2, pad: 1, dataFormat: "NHWC", dimRoundingMode: "floor" } as const;
const x = integers([2, 5, 6, 3], 5);

/** Visits every product of a 3 × 3 convolution with stride 2 and padding 1 of `x`. */
const eachTap = (
  visit: (n: number, oy: number, ox: number, ky: number, kx: number, y: number, x: number) => void,
): void => {
  for (let n = 0; n < 2; n++) {
    for (let oy = 0; oy < 3; oy++) {
      for (let ox = 0; ox < 3; ox++) {
        for (let ky = 0; ky < 3; ky++) {
          for (let kx = 0; kx < 3; kx++) {
            const [row, column] = [2 * oy + ky - 1, 2 * ox + kx - 1];
            if (row < 0 || row >= 5 || column < 0 || column >= 6) continue;
            visit(n, oy, ox, ky, kx, row, column);
          }
        }
      }
    }
  }
};

test("Conv2DBackpropFilter equals the sum over taps of input times cotangent", () => {
  const dy = integers([2, 3, 3, 4], 3);
  const filterShape = [3, 3, 3, 4];
  const got = tf
    .engine()
    .runKernel("Conv2DBackpropFilter", { x, dy }, { ...convolution, filterShape }) as tf.Tensor;
  const want = new Float32Array(108);
  eachTap((n, oy, ox, ky, kx, row, column) => {
    for (let c = 0; c < 3; c++) {
      for (let d = 0; d < 4; d++) {
        const index = ((ky * 3 + kx) * 3 + c) * 4 + d;
        want[index] = (want[index] as number) + at(x, n, row, column, c) * at(dy, n, oy, ox, d);
      }
    }
  });
  expect(got.shape).toEqual(filterShape);
  expect(got.dataSync()).toEqual(want);
});

const depthwise = { ...convolution, strides: [2, 2], dilations: [1, 1] };

test("DepthwiseConv2dNativeBackpropFilter equals the sum over taps", () => {
  const dy = integers([2, 3, 3, 6], 3);
  const filterShape = [3, 3, 3, 2];
  const got = tf
    .engine()
    .runKernel(
      "DepthwiseConv2dNativeBackpropFilter",
      { x, dy },
      { ...depthwise, filterShape },
    ) as tf.Tensor;
  const want = new Float32Array(54);
  eachTap((n, oy, ox, ky, kx, row, column) => {
    for (let c = 0; c < 3; c++) {
      for (let m = 0; m < 2; m++) {
        const index = ((ky * 3 + kx) * 3 + c) * 2 + m;
        want[index] =
          (want[index] as number) + at(x, n, row, column, c) * at(dy, n, oy, ox, c * 2 + m);
      }
    }
  });
  expect(got.shape).toEqual(filterShape);
  expect(got.dataSync()).toEqual(want);
});

test("DepthwiseConv2dNativeBackpropInput equals the sum over taps", () => {
  const dy = integers([2, 3, 3, 6], 3);
  const filter = integers([3, 3, 3, 2], 4);
  const got = tf
    .engine()
    .runKernel(
      "DepthwiseConv2dNativeBackpropInput",
      { dy, filter },
      { ...depthwise, inputShape: x.shape },
    ) as tf.Tensor;
  const want = new Float32Array(x.size);
  eachTap((n, oy, ox, ky, kx, row, column) => {
    for (let c = 0; c < 3; c++) {
      for (let m = 0; m < 2; m++) {
        const index = ((n * 5 + row) * 6 + column) * 3 + c;
        want[index] =
          (want[index] as number) + at(filter, ky, kx, c, m) * at(dy, n, oy, ox, c * 2 + m);
      }
    }
  });
  expect(got.shape).toEqual(x.shape);
  expect(got.dataSync()).toEqual(want);
});

test("einsum equals its loops", () => {
  const [a, b] = [integers([2, 3, 4], 2), integers([4, 2], 3)];
  const got = tf.einsum("bij,jk->kbi", a, b);
  const want: number[] = [];
  for (let k = 0; k < 2; k++) {
    for (let n = 0; n < 2; n++) {
      for (let i = 0; i < 3; i++) {
        let sum = 0;
        for (let j = 0; j < 4; j++) sum += at(a, n, i, j) * at(b, j, k);
        want.push(sum);
      }
    }
  }
  expect(got.shape).toEqual([2, 2, 3]);
  expect(Array.from(got.dataSync())).toEqual(want);
});

test("unsortedSegmentSum adds rows by id and drops negative ids", () => {
  const rows = tf.tensor2d([
    [1, 2],
    [3, 4],
    [5, 6],
    [7, 8],
  ]);
  const ids = tf.tensor1d([2, 0, 2, -1], "int32");
  const got = tf.unsortedSegmentSum(rows, ids, 4);
  expect(got.shape).toEqual([4, 2]);
  expect(Array.from(got.dataSync())).toEqual([3, 4, 0, 0, 6, 8, 0, 0]);
});

test("unsortedSegmentSum takes vectors, integers, and nothing at all", () => {
  const sum = tf.unsortedSegmentSum(tf.tensor1d([1, 2, 3], "int32"), [1, 1, 0], 2);
  expect([sum.dtype, Array.from(sum.dataSync())]).toEqual(["int32", [3, 3]]);
  const none = tf.unsortedSegmentSum(tf.zeros([0, 2]), tf.tensor1d([], "int32"), 2);
  expect(Array.from(none.dataSync())).toEqual([0, 0, 0, 0]);
});

test("the kernels leave nothing behind", () => {
  const before = live();
  tf.tidy(() => {
    const dy = integers([2, 3, 3, 6], 3);
    const filter = integers([3, 3, 3, 2], 4);
    const filterShape = [3, 3, 3, 6];
    const run = tf.engine().runKernel.bind(tf.engine());
    run("Conv2DBackpropFilter", { x, dy }, { ...convolution, filterShape });
    run(
      "DepthwiseConv2dNativeBackpropFilter",
      { x, dy },
      { ...depthwise, filterShape: filter.shape },
    );
    run(
      "DepthwiseConv2dNativeBackpropInput",
      { dy, filter },
      { ...depthwise, inputShape: x.shape },
    );
    tf.einsum("ij,jk->ik", tf.ones([2, 3]), tf.ones([3, 2]));
    tf.einsum("ij->j", tf.ones([3, 3]));
    tf.unsortedSegmentSum(tf.ones([3, 2]), [0, 1, 0], 2);
  });
  expect(live()).toEqual(before);
});
