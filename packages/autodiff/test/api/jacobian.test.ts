import { compile, grad, jacfwd, jacrev, scan, whileLoop } from "@layerwise/autodiff";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { expectTensor, numbers, onCpu } from "./support.ts";

onCpu();

describe.each([
  ["jacfwd", jacfwd],
  ["jacrev", jacrev],
] as const)("%s against closed forms", (_, jac) => {
  test("a linear map is its own matrix", () => {
    const a = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
    expectTensor(jac((v: tf.Tensor) => tf.dot(a, v))(tf.zeros([3])), [2, 3], [1, 2, 3, 4, 5, 6]);
  });

  test("an elementwise function has a diagonal one", () => {
    const j = jac((v: tf.Tensor) => tf.square(v))(tf.tensor1d([1, 2, 3]));
    expectTensor(j, [3, 3], [2, 0, 0, 0, 4, 0, 0, 0, 6]);
  });

  test("shapes [...out, ...in] of a matrix product: δ_ik b_lj", () => {
    const b = tf.tensor2d([5, 7, 11, 13, 17, 19], [2, 3]);
    const j = jac((a: tf.Tensor) => tf.matMul(a as tf.Tensor2D, b))(tf.zeros([4, 2]));
    const wanted: number[] = [];
    const rows = b.arraySync();
    for (let i = 0; i < 4; i++)
      for (let n = 0; n < 3; n++)
        for (let k = 0; k < 4; k++)
          for (let l = 0; l < 2; l++) wanted.push(i === k ? rows[l]![n]! : 0);
    expectTensor(j, [4, 3, 4, 2], wanted);
  });

  test("scalars on either side", () => {
    expectTensor(jac((v: tf.Tensor) => tf.sin(v))(tf.scalar(0)), [], [1]);
    expectTensor(jac((v: tf.Tensor) => tf.sum(tf.square(v)))(tf.tensor1d([1, 2])), [2], [2, 4]);
    expectTensor(jac((v: tf.Tensor) => tf.mul(v, [1, 2]))(tf.scalar(3)), [2], [1, 2]);
  });

  test("softmax: diag(p) − p pᵀ", () => {
    const x = [0.3, -1.2, 2];
    const sum = x.reduce((s, v) => s + Math.exp(v), 0);
    const p = x.map((v) => Math.exp(v) / sum);
    const wanted = p.flatMap((a, i) => p.map((b, k) => (i === k ? a : 0) - a * b));
    expectTensor(jac((v: tf.Tensor) => tf.softmax(v))(tf.tensor1d(x)), [3, 3], wanted);
  });

  test("trees: the result's structure with the argument's in place of each leaf", () => {
    const f = (p: { a: tf.Tensor; b: tf.Tensor }) => ({
      sum: tf.add(p.a, tf.sum(p.b)),
      list: [tf.mul(p.a, p.a)],
    });
    const j = jac(f)({ a: tf.tensor1d([1, 2]), b: tf.tensor2d([[1, 2, 3]]) });
    expectTensor(j.sum.a, [2, 2], [1, 0, 0, 1]);
    expectTensor(j.sum.b, [2, 1, 3], [1, 1, 1, 1, 1, 1]);
    expectTensor(j.list[0]!.a, [2, 2], [2, 0, 0, 4]);
    expectTensor(j.list[0]!.b, [2, 1, 3], [0, 0, 0, 0, 0, 0]);
  });

  test("several arguments by position, in the order asked for", () => {
    const f = (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor) => tf.mul(tf.mul(a, b), c);
    const args = [tf.scalar(2), tf.scalar(3), tf.scalar(5)] as const;
    const [byC, byA] = jac(f, { argnums: [2, 0] })(...args);
    expectTensor(byC, [], [6]);
    expectTensor(byA, [], [15]);
    expectTensor(jac(f, { argnums: 1 })(...args), [], [10]);
    expect(() => jac(f, { argnums: 3 })(...args)).toThrow("argnums 3 but the function got 3");
  });

  test("integer leaves and results have zero derivatives", () => {
    const f = (p: { n: tf.Tensor; x: tf.Tensor }) => ({
      count: tf.cast(p.x, "int32"),
      product: tf.mul(tf.cast(p.n, "float32"), p.x),
    });
    const j = jac(f)({ n: tf.tensor1d([2, 3], "int32"), x: tf.tensor1d([1, 2]) });
    expectTensor(j.product.x, [2, 2], [2, 0, 0, 3]);
    for (const zero of [j.product.n, j.count.x, j.count.n])
      expectTensor(zero, [2, 2], [0, 0, 0, 0]);
  });

  test("sizes of 0", () => {
    const f = (v: tf.Tensor) => tf.concat([v, tf.mul(v, 2)]);
    expect(jac(f)(tf.zeros([0])).shape).toEqual([0, 0]);
    expect(jac((v: tf.Tensor) => tf.sum(v))(tf.zeros([0, 2])).shape).toEqual([0, 2]);
    expect(jac((v: tf.Tensor) => tf.slice(v, 0, 0))(tf.zeros([2])).shape).toEqual([0, 2]);
  });

  test("captured tensors are constants; nothing is left behind", () => {
    const a = tf.tensor1d([2, 3]);
    const before = tf.memory().numTensors;
    const j = jac((v: tf.Tensor) => tf.mul(a, v))(a);
    expectTensor(j, [2, 2], [2, 0, 0, 3]);
    j.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test("through a scan: y_t = Σ_{s≤t} x_s²", () => {
    const f = (v: tf.Tensor) =>
      scan(
        (c: tf.Tensor, r: tf.Tensor) => {
          const next = tf.add(c, tf.square(r));
          return { carry: next, y: next };
        },
        tf.scalar(0),
        v,
      ).ys;
    expectTensor(jac(f)(tf.tensor1d([1, 2, 3])), [3, 3], [2, 0, 0, 2, 4, 0, 2, 4, 6]);
  });

  test("inside a compiled function and a gradient", () => {
    // d/dx Σ J(x)ᵢᵢ of x³ is 6 x.
    const trace = (v: tf.Tensor) =>
      tf.sum(tf.mul(jac((u: tf.Tensor) => tf.pow(u, 3))(v), tf.eye(2)));
    expectTensor(compile(grad(trace))(tf.tensor1d([1, 2])), [2], [6, 12]);
  });

  test("an assigned variable is refused", () => {
    const v = tf.variable(tf.scalar(1), true, `seen by ${_}`);
    const f = (x: tf.Tensor) => {
      v.assign(x as tf.Scalar);
      return x;
    };
    expect(() => jac(f)(tf.scalar(2))).toThrow("is assigned inside it");
    v.dispose();
  });
});

test("jacfwd through a loop whose length depends on values", () => {
  // Doubled until it exceeds 50: 3 → 96 in five rounds.
  const f = (v: tf.Tensor) =>
    whileLoop(
      (c: tf.Tensor) => tf.less(c, 50),
      (c) => tf.mul(c, 2),
      v,
    );
  expectTensor(jacfwd(f)(tf.scalar(3)), [], [32]);
});

test("jacfwd and jacrev of a small network agree", () => {
  const p = {
    w: tf.tensor2d(
      Array.from({ length: 12 }, (_, i) => Math.sin(i)),
      [4, 3],
    ),
    b: tf.tensor1d([0.1, -0.2, 0.3]),
  };
  const x = tf.tensor2d(
    Array.from({ length: 8 }, (_, i) => Math.cos(i)),
    [2, 4],
  );
  const f = (q: typeof p) => tf.logSoftmax(tf.tanh(tf.add(tf.matMul(x, q.w), q.b)));
  const [forward, reverse] = [jacfwd(f)(p), jacrev(f)(p)];
  expectTensor(forward.w, [2, 3, 4, 3], numbers(reverse.w));
  expectTensor(forward.b, [2, 3, 3], numbers(reverse.b));
});
