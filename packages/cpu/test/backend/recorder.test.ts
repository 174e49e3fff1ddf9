// The oracle of values is arithmetic on the host; counts of the engine say what was computed, and when.
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { HostEngine } from "./host-engine.ts";
import { active, useHostBackend } from "./support.ts";

let engine: HostEngine;
beforeAll(async () => {
  engine = await useHostBackend("recorder-test", "lazy");
});
beforeEach(async () => {
  await tf.setBackend("recorder-test");
  tf.engine().startScope();
});
afterEach(() => {
  tf.engine().endScope();
  active().recorder.flush();
  expect(engine.heap.bytes, "bytes left in the heap").toBe(0);
});

const long = (value: (i: number) => number): tf.Tensor1D =>
  tf.tensor1d(Float32Array.from({ length: 64 }, (_, i) => value(i)));
const runs = (fn: () => void): number => {
  const before = engine.counts.runs;
  fn();
  return engine.counts.runs - before;
};
const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe("what is computed when", () => {
  test("nothing before a value is read, then all of it together", () => {
    const x = long((i) => i);
    let y: tf.Tensor = x;
    expect(
      runs(() => {
        for (let i = 0; i < 5; i++) y = tf.add(tf.mul(y, 2), 1);
      }),
    ).toBe(0);
    expect(runs(() => y.dataSync())).toBe(1);
    expect(Array.from(y.dataSync())).toEqual(Array.from(x.dataSync(), (v) => 32 * v + 31));
    expect(runs(() => y.dataSync())).toBe(0);
  });

  test("when the program waits", async () => {
    const y = tf.square(long((i) => i));
    await later();
    expect(runs(() => y.dataSync())).toBe(0);
    expect(y.dataSync()[3]).toBe(9);
  });

  test("one read computes every value that is still referenced, in one graph", () => {
    const x = long((i) => i);
    const [y, z] = [tf.square(x), tf.neg(x)];
    const gone = tf.exp(x);
    gone.dispose();
    expect(runs(() => y.dataSync())).toBe(1);
    expect(runs(() => z.dataSync())).toBe(0);
    expect(z.dataSync()[5]).toBe(-5);
  });

  test("never what nobody needs", () => {
    const x = long((i) => i);
    tf.tidy(() => {
      tf.exp(x);
    });
    expect(runs(() => active().recorder.flush())).toBe(0);
    expect(runs(() => tf.zerosLike(tf.exp(x)).dataSync())).toBe(1);
  });

  test("an operand that was disposed before it was needed", () => {
    const x = long((i) => i);
    const y = tf.square(x);
    x.dispose();
    // Another value takes the place of the first one, if that was freed.
    const other = long(() => 7);
    expect(y.dataSync()[9]).toBe(81);
    expect(other.dataSync()[9]).toBe(7);
  });

  test("operands as they were when the kernel was called", () => {
    const data = Float32Array.from({ length: 64 }, (_, i) => i);
    const small = new Float32Array([3]);
    const y = tf.mul(tf.tensor1d(data), tf.tensor1d(small));
    data.fill(0);
    small.fill(0);
    expect(y.dataSync()[2]).toBe(6);
  });

  test("reading gives copies", () => {
    const y = tf.square(long((i) => i));
    y.dataSync().fill(0);
    expect(y.dataSync()[2]).toBe(4);
    const small = tf.scalar(3);
    small.dataSync().fill(0);
    expect(small.dataSync()[0]).toBe(3);
  });

  test("kernels without a lowering read what waits", () => {
    const x = tf.mul(
      long((i) => i % 3),
      1,
    );
    const { values } = tf.unique(x.cast("int32"));
    expect(Array.from(values.dataSync())).toEqual([0, 1, 2]);
  });
});

describe("what the IR does not have", () => {
  test("complex numbers are computed by tfjs's cpu kernels", () => {
    const re = tf.mul(
      long((i) => i),
      2,
    );
    const z = tf.complex(re, tf.neg(re));
    expect(Array.from(tf.mul(z, z).dataSync().slice(6, 8))).toEqual([0, -72]);
    expect(tf.imag(z).dataSync()[4]).toBe(-8);
    // tfjs keeps the real part as the integers that were given.
    const whole = tf.cast(tf.tensor1d(Int32Array.from({ length: 32 }, (_, i) => i)), "complex64");
    expect(Array.from(tf.mul(tf.real(whole), 0.5).dataSync().slice(2, 4))).toEqual([1, 1.5]);
  });

  test("strings are kept as tfjs keeps them", () => {
    const words = tf.tensor1d(["one", "two"]);
    expect(tf.reshape(words, [2, 1]).dataSync()).toEqual(["one", "two"]);
    expect(Array.from(tf.equal(words, tf.tensor1d(["one", "three"])).dataSync())).toEqual([1, 0]);
  });
});

describe("graphs are prepared once", () => {
  test("for all values, numbers and shapes being equal", () => {
    const step = (factor: number): number => {
      const y = tf.tidy(() => tf.sum(tf.mul(tf.relu(long((i) => i - 3)), factor)));
      return y.dataSync()[0]!;
    };
    expect(step(1)).toBe(1830);
    const { prepared } = engine.counts;
    for (let i = 2; i < 6; i++) expect(step(i)).toBe(1830 * i);
    expect(engine.counts.prepared).toBe(prepared);
  });

  test("for another attribute, shape or liveness again", () => {
    const reads = (fn: () => tf.Tensor): number => {
      const { prepared } = engine.counts;
      fn().dataSync();
      return engine.counts.prepared - prepared;
    };
    const x = tf.ones([4, 32]);
    expect(reads(() => tf.sum(x, 0))).toBe(1);
    expect(reads(() => tf.sum(x, 1))).toBe(1);
    expect(reads(() => tf.sum(tf.reshape(x, [8, 16]), 1))).toBe(1);
    expect(reads(() => tf.tidy(() => tf.sqrt(tf.sum(x, 1))))).toBe(1);
    expect(reads(() => tf.sqrt(tf.sum(x, 1)))).toBe(1);
    expect(reads(() => tf.sum(x, 1))).toBe(0);
    for (const value of [0, -0, Number.NaN, Number.POSITIVE_INFINITY]) {
      const filled = tf.fill([20], value);
      expect(reads(() => filled)).toBe(1);
      expect(Object.is(filled.dataSync()[0], value), `${value}`).toBe(true);
    }
  });

  test("for a loop that never waits one per step", () => {
    const state = tf.variable(tf.zeros([64]));
    const step = () =>
      tf.tidy(() => {
        const x = long((i) => i);
        state.assign(tf.add(tf.mul(state, 0.5), tf.mul(x, tf.add(1, tf.sin(tf.zeros([64]))))));
      });
    const { prepared } = engine.counts;
    for (let i = 0; i < 3000; i++) step();
    // The start, which has a phase of its own, and the rest in the end.
    expect(engine.counts.prepared - prepared).toBeLessThanOrEqual(3);
    expect(state.dataSync()[6]).toBeCloseTo(12, 4);
    state.dispose();
  });
});

describe("memory", () => {
  test("elements that change nothing are shared", () => {
    const x = long((i) => i);
    const before = engine.heap.regions;
    const views = [tf.reshape(x, [8, 8]), tf.clone(x), tf.expandDims(x, 0), tf.cast(x, "float32")];
    expect(active().refCount(x.dataId)).toBe(5);
    for (const view of views) expect(view.dataId).toBe(x.dataId);
    active().recorder.flush();
    expect(engine.heap.regions).toBe(before);
    expect(tf.matMul(views[0] as tf.Tensor2D, tf.eye(8)).dataSync()[63]).toBe(63);
  });

  test("values that are no longer needed are overwritten", () => {
    const state = tf.tidy(() => tf.variable(long((i) => i)));
    active().recorder.flush();
    const { takenOver } = engine.counts;
    const regions = engine.heap.regions;
    state.assign(tf.tidy(() => tf.mul(state, 2)));
    active().recorder.flush();
    expect(engine.counts.takenOver - takenOver).toBe(1);
    expect(engine.heap.regions).toBe(regions);
    expect(state.dataSync()[7]).toBe(14);
    state.dispose();
  });

  test("slices of computed tensors are copied at once, whatever their place", () => {
    const x = tf.reshape(
      long((i) => i),
      [4, 4, 4],
    );
    const small = tf.tensor1d([5, 6, 7, 8]);
    const { prepared } = engine.counts;
    const element = (i: number, j: number, k: number): number => 16 * i + 4 * j + k;
    for (let at = 0; at < 3; at++) {
      const rows = tf.slice(x, at, 1);
      expect(Array.from(rows.dataSync())).toEqual(
        Array.from({ length: 16 }, (_, n) => element(at, 0, n)),
      );
      const inner = tf.slice(x, [1, at, at], [2, 2, 1]);
      expect(Array.from(inner.dataSync())).toEqual([
        element(1, at, at),
        element(1, at + 1, at),
        element(2, at, at),
        element(2, at + 1, at),
      ]);
      expect(Array.from(tf.slice(small, at, 2).dataSync())).toEqual([5 + at, 6 + at]);
    }
    expect(engine.counts.prepared).toBe(prepared);
    // In a graph where the operand waits.
    const waits = tf.neg(x);
    expect(Array.from(tf.slice(waits, [1, 1, 1], [1, 2, 1]).dataSync())).toEqual([-21, -25]);
    expect(engine.counts.prepared).toBe(prepared + 1);
    expect(() => tf.slice(x, [3, 0, 0], [2, 1, 1])).toThrow("would overflow");
  });

  test("a backend that tfjs drops takes its values along", async () => {
    const lost = active();
    const kept = tf.keep(tf.square(long((i) => i)));
    kept.dataSync();
    tf.keep(tf.exp(kept));
    expect(tf.memory()).toMatchObject({ unreliable: false, heapBytes: 512 });
    lost.dispose();
    expect(engine.heap.bytes).toBe(0);
    tf.engine().reset();
    await tf.setBackend("recorder-test");
    tf.engine().startScope();
    expect(active()).not.toBe(lost);
  });
});
