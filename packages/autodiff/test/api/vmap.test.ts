import {
  checkpoint,
  compile,
  customJvp,
  customVjp,
  grad,
  jvp,
  random,
  scan,
  valueAndGrad,
  vjp,
  vmap,
  whileLoop,
} from "@layerwise/autodiff";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { expectTensor, numbers, onCpu } from "./support.ts";

onCpu();

const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
const w = tf.tensor1d([10, -1]);

/** The oracle: one call per row, stacked. */
const loop = (fn: (row: tf.Tensor) => tf.Tensor, rows: tf.Tensor): tf.Tensor =>
  tf.stack(tf.unstack(rows).map((row) => fn(row)));

const expectSame = (got: tf.Tensor, wanted: tf.Tensor, tolerance?: number): void =>
  expectTensor(got, wanted.shape, numbers(wanted), tolerance);

describe("vmap equals a loop over the examples", () => {
  test("one argument", () => {
    const fn = (v: tf.Tensor) => tf.sum(tf.square(v));
    expectSame(vmap(fn)(x), loop(fn, x));
  });

  test("an argument that all examples share", () => {
    const fn = (a: tf.Tensor, v: tf.Tensor) => tf.dot(a, v);
    expectSame(
      vmap(fn, { inAxes: [null, 0] })(w, x),
      loop((v) => tf.dot(w, v), x),
    );
  });

  test("other input and output axes, also negative", () => {
    const fn = (v: tf.Tensor) => tf.cumsum(v);
    const columns = loop(fn, tf.transpose(x));
    expectSame(vmap(fn, { inAxes: 1 })(x), columns);
    expectSame(vmap(fn, { inAxes: -1, outAxes: 1 })(x), tf.transpose(columns));
    expectSame(vmap(fn, { inAxes: [1], outAxes: -1 })(x), tf.transpose(columns));
  });

  test("trees of arguments and results, one axis for all leaves of an argument", () => {
    const layer = (p: { w: tf.Tensor; b: tf.Tensor }, v: tf.Tensor) => ({
      pre: tf.add(tf.mul(p.w, v), p.b),
      sum: [tf.sum(v)] as const,
    });
    const p = { w, b: tf.tensor1d([1, 1]) };
    const { pre, sum } = vmap(layer, { inAxes: [null, 0] })(p, x);
    expectTensor(pre, [3, 2], [11, -1, 31, -3, 51, -5]);
    expectTensor(sum[0], [3], [3, 7, 11]);
  });

  test("a result that does not depend on the examples is repeated", () => {
    expectTensor(vmap((_: tf.Tensor) => w)(x), [3, 2], [10, -1, 10, -1, 10, -1]);
    expectTensor(vmap((_: tf.Tensor) => tf.scalar(2))(x), [3], [2, 2, 2]);
  });

  test("nested: all pairs", () => {
    const pairs = vmap(
      vmap((a: tf.Tensor, b: tf.Tensor) => tf.sub(a, b), { inAxes: [null, 0] }),
      { inAxes: [0, null] },
    );
    expectTensor(
      pairs(tf.tensor1d([1, 2]), tf.tensor1d([10, 20, 30])),
      [2, 3],
      [-9, -19, -29, -8, -18, -28],
    );
  });

  test("convolution over images and over kernels", () => {
    const image = tf.tensor4d(
      Array.from({ length: 48 }, (_, i) => Math.sin(i)),
      [2, 4, 3, 2],
    );
    const kernel = tf.tensor4d(
      Array.from({ length: 24 }, (_, i) => Math.cos(i)),
      [3, 2, 2, 2],
    );
    const conv = (img: tf.Tensor, k: tf.Tensor) =>
      tf.conv2d(img as tf.Tensor3D, tf.expandDims(k, 3) as tf.Tensor4D, 1, "same");
    expectSame(
      vmap(vmap(conv, { inAxes: [null, 0] }), { inAxes: [0, null] })(image, kernel),
      loop((img) => loop((k) => conv(img, k), kernel), image),
    );
    const paired = tf.slice(kernel, 0, 2);
    expectSame(
      vmap(conv)(image, paired),
      tf.stack([0, 1].map((i) => conv(tf.gather(image, i), tf.gather(paired, i)))),
    );
  });

  test("control flow: scan, and loops of different lengths", () => {
    const running = (v: tf.Tensor) =>
      scan(
        (c: tf.Tensor, r: tf.Tensor) => ({ carry: tf.add(c, r), y: tf.mul(c, r) }),
        tf.scalar(1),
        v,
      ).ys;
    expectSame(vmap(running)(x), loop(running, x));
    const double = (v: tf.Tensor) =>
      whileLoop(
        (c: tf.Tensor) => tf.less(tf.sum(c), 50),
        (c) => tf.mul(c, 2),
        v,
      );
    expectSame(vmap(double)(x), loop(double, x));
  });

  test("checkpointed functions and functions with rules of their own", () => {
    const deep = checkpoint((v: tf.Tensor) => tf.sin(tf.sin(v)));
    expectSame(vmap(deep)(x), loop(deep, x));
    const doubled = customJvp(
      (v: tf.Tensor) => tf.square(v),
      ([v], [t]) => ({ value: tf.square(v), tangent: tf.mul(tf.mul(v, t), 4) }),
    );
    expectTensor(
      vmap(grad((v: tf.Tensor) => tf.sum(doubled(v))))(x),
      [3, 2],
      [4, 8, 12, 16, 20, 24],
    );
  });
});

describe("vmap and derivatives", () => {
  const loss = (a: tf.Tensor, v: tf.Tensor) => tf.sum(tf.square(tf.mul(a, v)));

  test("gradients of single examples: 2 w x²", () => {
    expectTensor(
      vmap(grad(loss), { inAxes: [null, 0] })(w, x),
      [3, 2],
      [20, -8, 180, -32, 500, -72],
    );
  });

  test("the gradient of a batched function sums over the examples", () => {
    const total = (a: tf.Tensor) => tf.sum(vmap(loss, { inAxes: [null, 0] })(a, x));
    expectTensor(grad(total)(w), [2], [700, -112]);
  });

  test("a rule of its own gives shared arguments the sum of all examples", () => {
    // Value a·v, gradient by a set to 3 v.
    const ruled = customVjp({
      forward: (a: tf.Tensor, v: tf.Tensor) => ({ value: tf.dot(a, v), residuals: { a, v } }),
      backward: ({ a, v }, c) => [tf.mul(tf.mul(v, 3), c), tf.mul(a, c)],
    });
    const total = (a: tf.Tensor) => tf.sum(vmap(ruled, { inAxes: [null, 0] })(a, x));
    expectTensor(grad(total)(w), [2], [27, 36]);
    const perExample = vmap(valueAndGrad(ruled), { inAxes: [null, 0] })(w, x);
    expectTensor(perExample.value, [3], [8, 26, 44]);
    expectTensor(perExample.grad, [3, 2], [3, 6, 9, 12, 15, 18]);
  });

  test("a pullback and a linear map vectorized over cotangents: rows of the Jacobian", () => {
    const jacobian = compile((v: tf.Tensor) => {
      const { pullback } = vjp((u: tf.Tensor) => tf.mul(u, tf.sum(u)), v);
      return vmap((c: tf.Tensor) => pullback(c)[0])(tf.eye(2));
    });
    // u_i Σu: Σu on the diagonal, plus u_i in row i.
    expectTensor(jacobian(tf.tensor1d([2, 3])), [2, 2], [7, 2, 3, 8]);
  });

  test("forward mode along many tangents", () => {
    const along = (t: tf.Tensor) => jvp((v: tf.Tensor) => tf.square(v), [w], [t]).tangent;
    expectTensor(vmap(along)(tf.eye(2)), [2, 2], [20, 0, 0, -2]);
  });
});

test("a key per example gives the samples that single calls give", () => {
  const keys = random.split(random.key(3), 4);
  const draw = (k: tf.Tensor) => random.uniform(k, [2, 3]);
  const wanted = tf.stack(keys.map(draw));
  expect(numbers(vmap(draw)(tf.stack(keys)))).toEqual(numbers(wanted));
  const normals = (k: tf.Tensor) => random.normal(k, [5]);
  expect(numbers(vmap(normals)(tf.stack(keys)))).toEqual(numbers(tf.stack(keys.map(normals))));
});

test("inside a compiled function, without leaving tensors behind", () => {
  const f = compile((v: tf.Tensor) => vmap((r: tf.Tensor) => tf.sum(r))(v));
  const before = tf.memory().numTensors;
  f(x).dispose();
  vmap((r: tf.Tensor) => tf.sum(r))(x).dispose();
  f.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

describe("errors name what was wrong", () => {
  const sum = (a: tf.Tensor, b: tf.Tensor) => tf.add(a, b);
  test("sizes", () => {
    expect(() => vmap(sum)(tf.zeros([3]), tf.zeros([4]))).toThrow(
      "vmap: expected one size along the mapped axes, got 3, 4",
    );
  });
  test("axes", () => {
    expect(() => vmap(sum, { inAxes: [0, 2] })(tf.zeros([3]), tf.zeros([3, 3]))).toThrow(
      "vmap: axis 2 does not exist in argument 1: a leaf has shape [3,3]",
    );
    expect(() => vmap(sum, { inAxes: [0] })(tf.zeros([3]), tf.zeros([3]))).toThrow(
      "vmap: 1 inAxes for 2 arguments",
    );
    expect(() => vmap(sum, { inAxes: null })(tf.zeros([3]), tf.zeros([3]))).toThrow(
      "vmap: no argument has an axis to map over",
    );
    expect(() => vmap(sum, { outAxes: 1 })(tf.zeros([3]), tf.zeros([3]))).toThrow(
      "vmap: axis 1 does not exist in a result [3]",
    );
  });
  test("assigned variables", () => {
    const v = tf.variable(tf.scalar(1), true, "total");
    const fn = (r: tf.Tensor) => {
      v.assign(tf.sum(r) as tf.Scalar);
      return r;
    };
    expect(() => vmap(fn)(x)).toThrow('vmap: variable "total" is assigned inside it');
    expect(v.arraySync()).toBe(1);
    v.dispose();
  });
});
