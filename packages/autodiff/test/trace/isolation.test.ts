import "@tensorflow/tfjs-layers"; // registers the gradients of tfjs's own tape
import { compile, grad, trace } from "@layerwise/autodiff";
import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { engineSnapshot, onCpu, PAIR, SCALAR } from "./support.ts";

onCpu();

// Runs through the engine's tape, scopes, custom gradients and nested gradients.
const busy = (x: tf.Tensor): tf.Tensor =>
  tf.tidy(() => {
    const y = tf.keep(tf.softmax(tf.mul(x, 3)));
    const g = tf.grad((v) => tf.sum(tf.logSigmoid(v)))(y);
    return tf.add(g, tf.grads((a, b) => tf.sum(tf.mul(a, b)))([x, y])[0] as tf.Tensor);
  });

describe("a trace leaves tfjs's engine as it was", () => {
  test("after a result", () => {
    const before = engineSnapshot();
    trace(busy, [PAIR]);
    expect(engineSnapshot()).toEqual(before);
    expect((tf.engine() as unknown as { state: object }).state).toBe(before.state);
  });

  test("after an exception at any depth", () => {
    const before = engineSnapshot();
    const fail = (): never => {
      throw new Error("mine");
    };
    const bodies: ((x: tf.Tensor) => tf.Tensor)[] = [
      fail,
      (x) => tf.tidy(() => tf.add(busy(x), fail())),
      (x) => tf.grad(() => fail())(x),
      (x) => tf.grad((v) => tf.grad(() => fail())(v))(x),
      (x) => tf.customGrad(() => fail())(x),
      (x) => tf.grad((v) => tf.customGrad(() => ({ value: v, gradFunc: () => fail() }))(v))(x),
      (x) => grad((v: tf.Tensor) => tf.add(v, trace(() => fail(), [PAIR]) as never))(x),
    ];
    for (const body of bodies) expect(() => trace(body, [PAIR])).toThrow("mine");
    expect(engineSnapshot()).toEqual(before);
    // And tfjs still works.
    expect(
      tf.tidy(() =>
        tf
          .grad((v) => tf.square(v))(tf.scalar(3))
          .arraySync(),
      ),
    ).toBe(6);
  });

  test("one trace within another is independent of it", () => {
    const before = engineSnapshot();
    let inner = 0;
    const { graph } = trace(
      (x: tf.Tensor) => {
        inner = trace((v: tf.Tensor) => tf.sin(tf.sin(v)), [SCALAR]).graph.nodes.length;
        return tf.cos(x);
      },
      [SCALAR],
    );
    expect([inner, graph.nodes.length]).toEqual([2, 1]);
    expect(engineSnapshot()).toEqual(before);
  });
});

describe("called while tfjs is at work", () => {
  test("inside tf.tidy: only results live on", () => {
    const x = tf.tensor1d([1, 2]);
    const f = compile(busy);
    const before = tf.memory().numTensors;
    const kept = tf.tidy(() => {
      trace(busy, [PAIR]);
      f(x);
      return f(x);
    });
    expect(tf.memory().numTensors).toBe(before + 1);
    kept.dispose();
    f.dispose();
  });

  test("inside tf.grad: the tape records nothing of the trace", () => {
    const g = tf.tidy(() =>
      tf
        .grad((x) => {
          trace(busy, [PAIR]);
          trace((v: tf.Tensor) => tf.mul(v, x), [PAIR]);
          return tf.square(x);
        })(tf.tensor1d([1, 3]))
        .arraySync(),
    );
    expect(g).toEqual([2, 6]);
  });

  test("inside tf.profile and with debug mode on", async () => {
    const profile = await tf.profile(() => {
      trace(busy, [PAIR]);
      return tf.scalar(1);
    });
    expect(profile.kernels).toEqual([]);
    const debug = tf.env().getBool("DEBUG");
    tf.env().set("DEBUG", true);
    try {
      trace(busy, [PAIR]);
    } finally {
      tf.env().set("DEBUG", debug);
    }
  });
});

describe("captured tensors", () => {
  test("become inputs, each once, in the order of first use, and are not copied", () => {
    const [a, b] = [tf.tensor1d([1, 2]), tf.tensor1d([3, 4])];
    const before = engineSnapshot();
    const { graph, captures } = trace(
      (x: tf.Tensor) => tf.add(tf.mul(x, b), tf.mul(tf.mul(a, b), b)),
      [PAIR],
    );
    expect(captures).toEqual([b, a]);
    expect(captures[0]).toBe(b);
    expect(graph.inputs.length).toBe(3);
    expect(engineSnapshot()).toEqual(before);
  });

  test("stay on the backend they are on", async () => {
    const other = new MathBackendCPU();
    tf.registerBackend("other", () => other);
    try {
      const x = tf.tensor1d([1, 2]);
      const home = tf.engine().backend;
      await tf.setBackend("other");
      const held = [home.numDataIds(), other.numDataIds()];
      trace((v: tf.Tensor) => tf.mul(v, x), [PAIR]);
      expect([home.numDataIds(), other.numDataIds()]).toEqual(held);
      await tf.setBackend("cpu");
      expect(Array.from(x.dataSync())).toEqual([1, 2]);
      x.dispose();
      expect(home.numDataIds()).toBe(held[0]! - 1);
    } finally {
      await tf.setBackend("cpu");
      tf.removeBackend("other");
    }
  });

  test("disposed inside the function are really disposed", () => {
    const a = tf.tensor1d([1, 2]);
    const { numTensors } = tf.memory();
    trace(
      (x: tf.Tensor) => {
        const y = tf.mul(x, a);
        a.dispose();
        return y;
      },
      [PAIR],
    );
    expect(a.isDisposed).toBe(true);
    expect(tf.memory().numTensors).toBe(numTensors - 1);
    expect(() => trace((x: tf.Tensor) => tf.mul(x, a), [PAIR])).toThrow();
  });

  test("that share their data in several shapes keep their shapes", () => {
    const flat = tf.tensor1d([1, 2, 3, 4]);
    const square = tf.reshape(flat, [2, 2]);
    expect(square.dataId).toBe(flat.dataId);
    const f = compile((x: tf.Tensor) => tf.concat([tf.mul(flat, x), tf.sum(square, 0)]));
    expect(Array.from(f(tf.scalar(2)).dataSync())).toEqual([2, 4, 6, 8, 4, 6]);
    flat.dispose();
    const later = compile((x: tf.Tensor) => tf.mul(square, x));
    expect(later(tf.scalar(2)).arraySync()).toEqual([
      [2, 4],
      [6, 8],
    ]);
    f.dispose();
    later.dispose();
    square.dispose();
  });

  test("whose data is read on the host become constants", () => {
    const a = tf.tensor1d([1, 2]);
    const { captures } = trace((x: tf.Tensor) => tf.mul(x, a.arraySync()[1] as number), [PAIR]);
    expect(captures).toEqual([]);
  });
});

test("tensors made and disposed inside a trace cost nothing", () => {
  const before = engineSnapshot();
  trace(
    (x: tf.Tensor) => {
      const zeros = tf.zeros([1000, 1000]);
      const y = tf.add(x, tf.sum(zeros));
      zeros.dispose();
      tf.dispose([x, zeros]);
      return y;
    },
    [PAIR],
  );
  expect(engineSnapshot()).toEqual(before);
});

test("compile, run and dispose leave no tensor and no buffer behind", () => {
  const weights = tf.tensor2d([1, 2, 3, 4], [2, 2]);
  const x = tf.tensor2d([1, 2], [1, 2]);
  const before = engineSnapshot();
  const step = compile((v: tf.Tensor) => {
    const loss = (w: tf.Tensor) =>
      tf.mean(tf.square(tf.matMul(v as tf.Tensor2D, w as tf.Tensor2D)));
    return { g: grad(loss)(weights), constant: tf.tensor1d([1, 2, 3]), same: v };
  });
  for (let i = 0; i < 3; i++) tf.dispose(step(x));
  step.dispose();
  expect(engineSnapshot()).toEqual(before);
});
