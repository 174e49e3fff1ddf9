import "@tensorflow/tfjs-layers"; // registers the gradients of tfjs's own tape
import { compile, grad, interpreter, registerExecutor, whileLoop } from "@layerwise/autodiff";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { expectTensor, numbers, onCpu } from "./support.ts";

onCpu();

describe("traces once per structure, shapes and dtypes", () => {
  test("and runs JavaScript only then", () => {
    let calls = 0;
    const f = compile((p: { a: tf.Tensor; b?: tf.Tensor }, x: tf.Tensor) => {
      calls++;
      return tf.add(p.a, tf.cast(x, "float32"));
    });
    const a = tf.tensor1d([1, 2]);
    const x = tf.tensor1d([3, 4]);
    for (let i = 0; i < 3; i++) expectTensor(f({ a }, x), [2], [4, 6]);
    expect([calls, f.traces]).toEqual([1, 1]);
    f({ a }, tf.tensor2d([[3, 4]]));
    expect(f.traces).toBe(2);
    f({ a }, tf.tensor1d([3, 4], "int32"));
    expect(f.traces).toBe(3);
    f({ a, b: x }, x);
    expect(f.traces).toBe(4);
    f({ b: x, a }, x); // the order of keys does not count
    f({ a: x }, a);
    expect([calls, f.traces]).toEqual([4, 4]);
    f.dispose();
    expect(f.traces).toBe(0);
  });

  test("a structure like the last one but with other leaves in it is noticed", () => {
    const f = compile((list: readonly (tf.Tensor | null)[]) => {
      const given = list.filter((x) => x !== null);
      return tf.addN(given.map((x) => tf.reshape(x, [-1])));
    });
    const [x, y] = [tf.tensor1d([1, 2]), tf.tensor2d([[10, 20]])];
    expectTensor(f([x, y]), [2], [11, 22]);
    expectTensor(f([x, null]), [2], [1, 2]);
    expectTensor(f([null, y]), [2], [10, 20]);
    expectTensor(f([y, x]), [2], [11, 22]);
    expect(f.traces).toBe(4);
    f.dispose();
  });

  test("a trace that throws is not kept", () => {
    let broken = true;
    const f = compile((x: tf.Tensor) => {
      if (broken) throw new Error("not yet");
      return tf.neg(x);
    });
    expect(() => f(tf.scalar(1))).toThrow("not yet");
    expect(f.traces).toBe(0);
    broken = false;
    expectTensor(f(tf.scalar(1)), [], [-1]);
    f.dispose();
  });
});

describe("results", () => {
  test("are trees of fresh tensors of the caller, also where they are arguments or constants", () => {
    const captured = tf.tensor1d([5, 6]);
    const f = compile((x: tf.Tensor) => ({
      same: x,
      twice: [x, tf.reshape(x, [2, 1])],
      captured,
      constant: tf.tensor1d([7, 8]),
      number: 9,
      none: null,
    }));
    const x = tf.tensor1d([1, 2]);
    const before = tf.memory().numTensors;
    const first = f(x);
    expect(tf.memory().numTensors).toBe(before + 6);
    tf.dispose([first.same, ...first.twice, first.captured, first.constant, first.number]);
    expect(tf.memory().numTensors).toBe(before);
    expect([x.isDisposed, captured.isDisposed]).toEqual([false, false]);
    const second = f(x);
    expectTensor(second.same, [2], [1, 2]);
    expectTensor(second.twice[1] as tf.Tensor, [2, 1], [1, 2]);
    expectTensor(second.captured, [2], [5, 6]);
    expectTensor(second.constant, [2], [7, 8]);
    expectTensor(second.number as never, [], [9]);
    expect(second.none).toBe(null);
    f.dispose();
    expectTensor(second.constant, [2], [7, 8]);
    x.dispose();
    expectTensor(second.same, [2], [1, 2]);
  });

  test("belong to the tidy scope of the call", () => {
    const f = compile((x: tf.Tensor) => [tf.neg(x), x]);
    const x = tf.scalar(1);
    const before = tf.memory().numTensors;
    const kept = tf.tidy(() => {
      f(x);
      return f(x)[0] as tf.Tensor;
    });
    expect(tf.memory().numTensors).toBe(before + 1);
    kept.dispose();
    f.dispose();
  });
});

describe("donated arguments", () => {
  test("are disposed, all others are not", () => {
    const f = compile(
      (state: { w: tf.Tensor; m: tf.Tensor }, x: tf.Tensor) => ({
        w: tf.add(state.w, x),
        m: state.m,
      }),
      { donate: [0] },
    );
    const x = tf.tensor1d([1, 2]);
    let state = { w: tf.tensor1d([0, 0]) as tf.Tensor, m: tf.tensor1d([5, 5]) as tf.Tensor };
    const before = tf.memory();
    for (let i = 0; i < 3; i++) {
      const old = state;
      state = f(state, x);
      expect([old.w.isDisposed, old.m.isDisposed, x.isDisposed]).toEqual([true, true, false]);
    }
    expectTensor(state.w, [2], [3, 6]);
    expectTensor(state.m, [2], [5, 5]);
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
    f.dispose();
  });

  test("whose memory another tensor shares leave that intact", () => {
    const f = compile((x: tf.Tensor) => tf.add(x, 1), { donate: [0] });
    const x = tf.tensor1d([1, 2]);
    const view = tf.reshape(x, [2, 1]);
    expectTensor(f(x), [2], [2, 3]);
    expectTensor(view, [2, 1], [1, 2]);
    f.dispose();
  });

  test("given twice, or given beside themselves, do not corrupt the result", () => {
    const f = compile((x: tf.Tensor, y: tf.Tensor) => tf.add(tf.mul(x, 2), y), { donate: [0] });
    const x = tf.tensor1d([1, 2]);
    expectTensor(f(x, tf.clone(x)), [2], [3, 6]);
    f.dispose();
  });
});

describe("under tfjs's tape a compiled function is one operation", () => {
  const f = compile((x: tf.Tensor, y: tf.Tensor) => ({
    product: tf.mul(tf.square(x), y),
    sum: tf.add(x, y),
    index: tf.argMax(x),
  }));
  const x = tf.tensor1d([1, 3]);
  const y = tf.tensor1d([5, 7]);

  test("with the gradients of all arguments", () => {
    const [gx, gy] = tf.grads((a, b) => tf.sum(f(a, b).product))([x, y]);
    expectTensor(gx as tf.Tensor, [2], [10, 42]);
    expectTensor(gy as tf.Tensor, [2], [1, 9]);
  });

  test("through several of its results, together with eager operations around it", () => {
    const loss = (a: tf.Tensor) => {
      const { product, sum } = f(tf.mul(a, 2), y);
      return tf.sum(tf.add(product, tf.square(sum)));
    };
    // Σ 4a²y + (2a + y)²: 8 a y + 4 (2a + y)
    expectTensor(tf.grad(loss)(x), [2], [68, 220]);
  });

  test("with respect to captured tensors and variables", () => {
    const w = tf.variable(tf.tensor1d([2, 3]));
    const g = compile((a: tf.Tensor) => tf.sum(tf.mul(tf.square(w), a)));
    const { grads } = tf.variableGrads(() => g(x) as tf.Scalar, [w]);
    expectTensor(grads[w.name] as tf.Tensor, [2], [4, 18]);
    g.dispose();
    w.dispose();
  });

  test("to second order", () => {
    const cube = compile((a: tf.Tensor) => tf.sum(tf.mul(a, tf.square(a))));
    const second = tf.grad((a) => tf.sum(tf.grad((b) => cube(b))(a)));
    expectTensor(second(x), [2], [6, 18]);
    const third = tf.grad((a) => tf.sum(tf.grad((b) => tf.sum(tf.grad((c) => cube(c))(b)))(a)));
    expectTensor(third(x), [2], [6, 6]);
    // tfjs itself gets this wrong for exp; see its issue #3252.
    const exp = compile((a: tf.Tensor) => tf.sum(tf.exp(a)));
    const again = tf.grad((a) => tf.sum(tf.grad((b) => exp(b))(a)));
    expectTensor(again(tf.scalar(0.5)), [], [Math.exp(0.5)]);
    // Between eager operations: d²/da² (2a)³ = 48 a
    const around = tf.grad((a) => tf.sum(tf.grad((b) => cube(tf.mul(b, 2)))(a)));
    expectTensor(around(x), [2], [48, 144]);
    const before = tf.memory().numTensors;
    around(x).dispose();
    third(x).dispose();
    again(x).dispose();
    expect(tf.memory().numTensors).toBe(before);
    cube.dispose();
    exp.dispose();
  });

  test("a result that is not used, an argument that does not matter", () => {
    const g = compile((a: tf.Tensor, b: tf.Tensor) => [tf.square(a), tf.neg(b)]);
    const [ga, gb] = tf.grads((a, b) => tf.sum(g(a, b)[0] as tf.Tensor))([x, y]);
    expectTensor(ga as tf.Tensor, [2], [2, 6]);
    expectTensor(gb as tf.Tensor, [2], [0, 0]);
    g.dispose();
  });

  test("and leaves nothing behind", () => {
    const g = compile((a: tf.Tensor) => tf.sum(tf.tanh(a)));
    tf.tidy(() => tf.grad((a) => g(a))(x));
    g.dispose();
    const before = tf.memory();
    const h = compile((a: tf.Tensor) => tf.sum(tf.tanh(a)));
    for (let i = 0; i < 3; i++) tf.grad((a) => h(a))(x).dispose();
    h.dispose();
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
  });
});

describe("inside a trace", () => {
  test("it is inlined", () => {
    const inner = compile((x: tf.Tensor) => tf.square(x));
    const outer = compile((x: tf.Tensor) => tf.sum(inner(inner(x))));
    expectTensor(outer(tf.tensor1d([1, 2])), [], [17]);
    expect(inner.traces).toBe(0);
    expectTensor(grad((x: tf.Tensor) => outer(x))(tf.tensor1d([1, 2])), [2], [4, 32]);
    outer.dispose();
  });

  test("donated arguments are left alone: they are values of the trace", () => {
    const inner = compile((x: tf.Tensor) => tf.square(x), { donate: [0] });
    const outer = compile((x: tf.Tensor) => tf.add(inner(x), x));
    expectTensor(outer(tf.scalar(3)), [], [12]);
    outer.dispose();
  });
});

describe("errors", () => {
  test("leaves that are no tensors", () => {
    const f = compile((x: tf.Tensor, _: unknown) => x);
    expect(() => f(tf.scalar(1), 3)).toThrow(
      "expected a tensor at argument 1, got number; pass a number as tf.scalar(number)",
    );
    expect(() => f(tf.scalar(1), { a: "text" })).toThrow("at argument 1.a, got string");
    expect(() => f(tf.scalar(1), undefined)).toThrow("undefined");
    expect(f.traces).toBe(0);
  });

  test("a disposed captured tensor, a disposed argument", () => {
    const captured = tf.tensor1d([1, 2]);
    const f = compile((x: tf.Tensor) => tf.mul(x, captured));
    const x = tf.tensor1d([1, 2]);
    f(x);
    captured.dispose();
    expect(() => f(x)).toThrow("compile: a tensor [2] that the function closes over was disposed");
    const g = compile((v: tf.Tensor) => tf.neg(v));
    g(x);
    x.dispose();
    expect(() => g(x)).toThrow("compile: the tensor [2] at argument 0 is disposed");
    f.dispose();
    g.dispose();
  });
});

describe("dispose", () => {
  test("frees constants; a later call compiles anew", () => {
    const before = tf.memory().numTensors;
    const f = compile((x: tf.Tensor) => tf.add(x, [1, 2]));
    const x = tf.scalar(1);
    f(x).dispose();
    f.dispose();
    f.dispose();
    expect(tf.memory().numTensors).toBe(before + 1);
    expectTensor(f(x), [2], [2, 3]);
    expect(f.traces).toBe(1);
    f.dispose();
  });
});

describe("the asynchronous call", () => {
  test("is refused inside a trace", async () => {
    const f = compile((x: tf.Tensor) => tf.neg(x));
    let refused: Promise<unknown> = Promise.resolve();
    const outer = compile((x: tf.Tensor) => {
      refused = f.async(x);
      refused.catch(() => {});
      return x;
    });
    outer(tf.scalar(1));
    await expect(refused).rejects.toThrow("the asynchronous call cannot be traced");
    outer.dispose();
  });

  test("gives the same, assigns variables and disposes donated arguments", async () => {
    const v = tf.variable(tf.scalar(1));
    const f = compile(
      (x: tf.Tensor) => {
        v.assign(tf.add(v, x) as tf.Scalar);
        return whileLoop(
          (c: tf.Tensor) => tf.less(c, 10),
          (c) => tf.mul(c, 2),
          x,
        );
      },
      { donate: [0] },
    );
    const x = tf.scalar(3);
    expectTensor(await f.async(x), [], [12]);
    expect([numbers(v), x.isDisposed]).toEqual([[4], true]);
    f.dispose();
    v.dispose();
  });
});

test("graph() shows the optimized graph without running it", () => {
  const f = compile((x: tf.Tensor) => tf.add(tf.mul(tf.sin(x), 1), tf.sin(x)));
  const graph = f.graph(tf.tensor1d([1, 2]));
  expect(graph.nodes.filter((n) => n.op === "sine").length).toBe(1);
  expect(graph.inputs.map((v) => v.type.shape)).toEqual([[2]]);
  f.dispose();
});

test("a registered executor runs the graphs of its backend", () => {
  const ran: number[] = [];
  registerExecutor("cpu", (graph, options) => {
    ran.push(graph.nodes.length, ...options.donate);
    return interpreter(graph, options);
  });
  const f = compile((_: tf.Tensor, y: tf.Tensor) => tf.neg(y), { donate: [1] });
  expectTensor(f(tf.scalar(1), tf.scalar(2)), [], [-2]);
  expect(ran).toEqual([1, 1]);
  registerExecutor("cpu", interpreter);
  f.dispose();
});
