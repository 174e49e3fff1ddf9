import "@tensorflow/tfjs-layers"; // registers the gradients of tfjs's own tape
import { compile, grad, scan, trace } from "@layerwise/autodiff";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { engineSnapshot, onCpu, PAIR, SCALAR, withVariable } from "./support.ts";

onCpu();

const values = (x: tf.Tensor): number[] => Array.from(x.dataSync());

describe("variables that a function reads", () => {
  test("are read at every call", () => {
    withVariable([1, 2], (v) => {
      const f = compile((x: tf.Tensor) => tf.mul(x, v));
      const x = tf.tensor1d([10, 10]);
      expect(values(f(x))).toEqual([10, 20]);
      v.assign(tf.tensor1d([3, 4]));
      expect(values(f(x))).toEqual([30, 40]);
      expect(f.traces).toBe(1);
      f.dispose();
    });
  });
});

describe("Variable.assign in a trace", () => {
  test("is recorded as a result, and the variable keeps its data", () => {
    withVariable([1, 2], (v) => {
      const before = engineSnapshot();
      const dataId = v.dataId;
      const { graph, assigned, output } = trace(
        (x: tf.Tensor) => {
          v.assign(tf.add(v, x) as tf.Tensor1D);
          return tf.sum(v);
        },
        [PAIR],
      );
      expect(assigned).toEqual([v]);
      expect([output.leafCount, graph.outputs.length]).toEqual([1, 2]);
      expect(v.dataId).toBe(dataId);
      expect(values(v)).toEqual([1, 2]);
      expect(engineSnapshot()).toEqual(before);
    });
  });

  test("applies after each run of the compiled function, and never leaks", () => {
    withVariable([1, 2], (v) => {
      const f = compile((x: tf.Tensor) => {
        v.assign(tf.add(v, x) as tf.Tensor1D);
        return tf.sum(v);
      });
      const x = tf.tensor1d([1, 10]);
      const before = tf.memory();
      const sums = [1, 2, 3].map(() => f(x));
      expect(sums.map((s) => s.arraySync())).toEqual([14, 25, 36]);
      expect(values(v)).toEqual([4, 32]);
      tf.dispose(sums);
      f.dispose();
      expect(tf.memory().numTensors).toBe(before.numTensors);
      expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
      expect(tf.memory().numBytes).toBe(before.numBytes);
      x.dispose();
    });
  });

  test("a later read sees the new value, an earlier one the old", () => {
    withVariable(3, (v) => {
      const f = compile((x: tf.Tensor) => {
        const old = tf.mul(v, 1);
        v.assign(x as tf.Scalar);
        const first = tf.mul(v, 1);
        v.assign(tf.add(v, 1) as tf.Scalar);
        return [old, first, tf.mul(v, 1)];
      });
      expect(f(tf.scalar(7)).map((y) => y.arraySync())).toEqual([3, 7, 8]);
      expect(v.arraySync()).toBe(8);
      f.dispose();
    });
  });

  test("of tensors from outside, of constants, and of other variables", () => {
    withVariable(0, (a) =>
      withVariable(5, (b) => {
        const outside = tf.scalar(2);
        const f = compile((x: tf.Tensor) => {
          a.assign(outside as tf.Scalar);
          const seen = tf.add(a, x);
          a.assign(tf.scalar(4));
          a.assign(b as tf.Variable<tf.Rank.R0>);
          b.assign(x as tf.Scalar);
          return [seen, tf.mul(a, 1)];
        });
        expect(f(tf.scalar(1)).map((y) => y.arraySync())).toEqual([3, 5]);
        expect([a.arraySync(), b.arraySync()]).toEqual([5, 1]);
        f(tf.scalar(9));
        expect([a.arraySync(), b.arraySync()]).toEqual([1, 9]);
        expect(outside.arraySync()).toBe(2);
        f.dispose();
      }),
    );
  });

  test("of a tensor from outside alone", () => {
    withVariable(0, (a) => {
      const outside = tf.scalar(2);
      const f = compile((x: tf.Tensor) => {
        a.assign(outside as tf.Scalar);
        return x;
      });
      f(tf.scalar(1));
      expect(a.arraySync()).toBe(2);
      a.assign(tf.scalar(3));
      expect(outside.arraySync()).toBe(2);
      f(tf.scalar(1));
      expect(a.arraySync()).toBe(2);
      f.dispose();
    });
  });

  test("two variables swap", () => {
    withVariable(1, (a) =>
      withVariable(2, (b) => {
        const f = compile((x: tf.Tensor) => {
          const old = tf.clone(a);
          a.assign(b as tf.Variable<tf.Rank.R0>);
          b.assign(old as tf.Scalar);
          return x;
        });
        f(tf.scalar(0));
        expect([a.arraySync(), b.arraySync()]).toEqual([2, 1]);
        f.dispose();
      }),
    );
  });

  test("inside a differentiated function counts, as batch statistics do", () => {
    withVariable(0, (v) => {
      const loss = (x: tf.Tensor) => {
        v.assign(tf.mean(x) as tf.Scalar);
        return tf.sum(tf.mul(x, v));
      };
      // d/dx_j Σ_i x_i · mean(x) = mean(x) + Σ x / n
      for (const f of [compile(grad(loss)), compile(tf.grad(loss))]) {
        expect(values(f(tf.tensor1d([1, 3])))).toEqual([4, 4]);
        expect(v.arraySync()).toBe(2);
        v.assign(tf.scalar(0));
        f.dispose();
      }
    });
  });

  test("is undone where tracing throws", () => {
    withVariable([1, 2], (v) => {
      const before = engineSnapshot();
      const fail = (x: tf.Tensor) => {
        v.assign(tf.add(v, x) as tf.Tensor1D);
        throw new Error("later");
      };
      expect(() => trace(fail, [PAIR])).toThrow("later");
      expect(() => trace((x: tf.Tensor) => grad(fail as never)(x), [PAIR])).toThrow("later");
      expect(values(v)).toEqual([1, 2]);
      expect(engineSnapshot()).toEqual(before);
      v.assign(tf.tensor1d([5, 6]));
      expect(values(v)).toEqual([5, 6]);
    });
  });

  test("is refused with another shape, and in the body of a scan", () => {
    withVariable([1, 2], (v) => {
      expect(() => trace((x: tf.Tensor) => v.assign(x as tf.Tensor1D), [SCALAR])).toThrow("shape");
      const step = (c: tf.Tensor, x: tf.Tensor) => {
        v.assign(tf.add(v, x) as tf.Tensor1D);
        return { carry: c, y: x };
      };
      expect(() =>
        trace((xs: tf.Tensor) => scan(step, tf.scalar(0), xs).ys, [{ ...PAIR, shape: [3, 2] }]),
      ).toThrow(`scan: variable "${v.name}" is assigned inside it`);
      expect(values(v)).toEqual([1, 2]);
    });
  });
});

describe("making and disposing of variables in a trace is refused", () => {
  test("by name", () => {
    expect(() => trace((x: tf.Tensor) => tf.variable(x), [PAIR])).toThrow(
      "a tf.Variable was created while tracing",
    );
    withVariable([1, 2], (v) => {
      const dispose = (x: tf.Tensor) => {
        v.dispose();
        return x;
      };
      expect(() => trace(dispose, [PAIR])).toThrow(`variable "${v.name}" was disposed`);
      expect(values(v)).toEqual([1, 2]);
    });
  });
});

test("a disposed variable is noticed at the next call", () => {
  const v = tf.variable(tf.scalar(1));
  const f = compile((x: tf.Tensor) => tf.add(x, v));
  f(tf.scalar(1));
  v.dispose();
  expect(() => f(tf.scalar(1))).toThrow("closes over was disposed");
  f.dispose();
});
