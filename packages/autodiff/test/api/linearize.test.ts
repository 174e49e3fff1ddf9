import { compile, grad, jvp, linearize, vjp, vmap } from "@layerwise/autodiff";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { expectTensor, numbers, onCpu } from "./support.ts";

onCpu();

const f = (p: { w: tf.Tensor; n: tf.Tensor }, x: tf.Tensor) => ({
  y: tf.mul(tf.sin(p.w), x),
  index: tf.add(p.n, tf.scalar(1, "int32")),
});
const args = (): [{ w: tf.Tensor; n: tf.Tensor }, tf.Tensor] => [
  { w: tf.tensor1d([0, 1]), n: tf.tensor1d([4], "int32") },
  tf.tensor1d([2, 3]),
];
const tangents = (): [{ w: tf.Tensor; n: tf.Tensor }, tf.Tensor] => [
  { w: tf.tensor1d([1, 10]), n: tf.tensor1d([9], "int32") },
  tf.tensor1d([100, 1000]),
];

describe("linearize", () => {
  test("gives the value and, any number of times, the tangents that jvp gives", () => {
    const { value, pushforward } = linearize(f, ...args());
    expectTensor(value.y, [2], [0, 3 * Math.sin(1)]);
    expectTensor(value.index, [1], [5]);
    const wanted = jvp(f, args(), tangents()).tangent;
    for (let i = 0; i < 2; i++) {
      const t = pushforward(tangents());
      expectTensor(t.y, [2], numbers(wanted.y));
      expect(t.index.dtype).toBe("int32");
      expectTensor(t.index, [1], [0]);
    }
    pushforward.dispose();
  });

  test("frees everything with dispose", () => {
    const [p, x] = args();
    const t = tangents();
    const before = tf.memory().numTensors;
    const { value, pushforward } = linearize(f, p, x);
    const out = pushforward(t);
    pushforward.dispose();
    tf.dispose([value.y, value.index, out.y, out.index]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("inside a trace, also within the body of another transformation", () => {
    const columns = compile((x: tf.Tensor) => {
      const { pushforward } = linearize((v: tf.Tensor) => tf.mul(v, tf.sum(v)), x);
      return vmap((t: tf.Tensor) => pushforward([t]), { outAxes: 1 })(tf.eye(2));
    });
    expectTensor(columns(tf.tensor1d([2, 3])), [2, 2], [7, 2, 3, 8]);
    // d/dx of the tangent 3 x² t at t = 1 is 6 x.
    const slope = (x: tf.Tensor) =>
      linearize((v: tf.Tensor) => tf.pow(v, 3), x).pushforward([tf.scalar(1)]);
    expectTensor(grad(slope)(tf.scalar(2)), [], [12]);
  });

  test("refuses tangents of another structure or shape", () => {
    const { pushforward } = linearize(f, ...args());
    const [p] = tangents();
    expect(() => pushforward([p, tf.zeros([3])])).toThrow(
      "linearize: expected float32 [2] for leaf 2, got float32 [3]",
    );
    expect(() => pushforward([p] as never)).toThrow(
      "linearize: expected a tree of 3 tensors, got 2",
    );
    pushforward.dispose();
  });
});

describe("vjp", () => {
  test("pulls back through trees, with zeros for integers", () => {
    const { pullback } = vjp(f, ...args());
    const seed = { y: tf.tensor1d([1, 2]), index: tf.tensor1d([3], "int32") };
    for (let i = 0; i < 2; i++) {
      const [p, x] = pullback(seed);
      expectTensor(p.w, [2], [2, 6 * Math.cos(1)]);
      expect(p.n.dtype).toBe("int32");
      expectTensor(p.n, [1], [0]);
      expectTensor(x, [2], [0, 2 * Math.sin(1)]);
    }
    expect(() => pullback({ ...seed, y: tf.zeros([1]) })).toThrow(
      "vjp: expected float32 [2] for leaf 1, got float32 [1]",
    );
    pullback.dispose();
  });

  test("frees everything with dispose, and in a tidy", () => {
    const x = tf.tensor1d([1, 2]);
    const before = tf.memory().numTensors;
    const { value, pullback } = vjp((v: tf.Tensor) => tf.exp(tf.sin(v)), x);
    const [g] = pullback(x);
    pullback.dispose();
    tf.dispose([value, g]);
    expect(tf.memory().numTensors).toBe(before);
    tf.tidy(() => {
      const again = vjp((v: tf.Tensor) => tf.exp(tf.sin(v)), x);
      again.pullback(x);
      again.pullback.dispose();
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});
