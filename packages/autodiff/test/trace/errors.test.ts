import "@tensorflow/tfjs-layers"; // registers the gradients of tfjs's own tape
import { compile, grad, scan, trace } from "@layerwise/autodiff";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { engineSnapshot, onCpu, PAIR, SCALAR } from "./support.ts";

onCpu();

const traced = (fn: (x: tf.Tensor) => unknown) => () => trace(fn, [PAIR]);

describe("randomness of tfjs would be frozen into the graph", () => {
  const sources: readonly (readonly [string, (x: tf.Tensor) => unknown])[] = [
    ["Math.random", (x) => tf.mul(x, Math.random())],
    ["randomUniform", (x) => tf.add(x, tf.randomUniform([2]))],
    ["randomNormal", (x) => tf.add(x, tf.randomNormal([2]))],
    ["truncatedNormal", (x) => tf.add(x, tf.truncatedNormal([2]))],
    ["randomGamma", (x) => tf.add(x, tf.randomGamma([2], 1))],
    ["dropout", (x) => tf.dropout(x, 0.5)],
    ["multinomial", (x) => tf.multinomial(x as tf.Tensor1D, 3)],
  ];
  test.each(sources)("%s", (_, fn) => {
    expect(traced(fn)).toThrow(/random\.(uniform|categorical)/);
    expect(traced((x) => tf.grad((v) => tf.sum(fn(v) as tf.Tensor))(x))).toThrow(/random\./);
  });

  test("Math.random is itself again afterwards, also between traces", () => {
    const { random } = Math;
    expect(traced(() => Math.random())).toThrow("Math.random() was called");
    expect(Math.random).toBe(random);
    expect(Math.random()).toBeLessThan(1);
  });

  test("numbers drawn before the trace are captured as any other tensor", () => {
    const noise = tf.randomUniform([2]);
    expect(trace((x: tf.Tensor) => tf.add(x, noise), [PAIR]).captures).toEqual([noise]);
  });
});

describe("values do not exist yet", () => {
  const reads: readonly (readonly [string, (x: tf.Tensor) => unknown])[] = [
    ["dataSync", (x) => x.dataSync()],
    ["arraySync", (x) => x.arraySync()],
    ["bufferSync", (x) => x.bufferSync()],
    ["toString", (x) => x.toString()],
    ["print", (x) => x.print()],
    ["in the middle", (x) => tf.scalar(tf.sum(x).arraySync() as number)],
    ["in a gradient", (x) => tf.grad((v) => tf.mul(v, v.dataSync()[0] as number))(x)],
    ["of an assigned tensor's clone", (x) => tf.clone(x).dataSync()],
  ];
  test.each(reads)("%s", (_, fn) => {
    const before = engineSnapshot();
    expect(traced(fn)).toThrow("the value of a traced tensor was asked for");
    expect(engineSnapshot()).toEqual(before);
  });

  test("data and array reject", async () => {
    const promises: Promise<unknown>[] = [];
    trace(
      (x: tf.Tensor) => {
        promises.push(x.data(), x.array(), x.buffer());
        for (const p of promises) p.catch(() => {});
        return x;
      },
      [PAIR],
    );
    for (const p of promises) {
      await expect(p).rejects.toThrow("the value of a traced tensor was asked for");
    }
  });

  test("an async function, whose continuation would escape the trace", async () => {
    const before = engineSnapshot();
    expect(traced(async (x) => tf.mul(x, (await x.data())[0] as number))).toThrow(
      "the function is async",
    );
    await Promise.resolve();
    expect(engineSnapshot()).toEqual(before);
  });
});

describe("traced tensors that leave the function", () => {
  const leak = (): tf.Tensor => {
    let kept: tf.Tensor | undefined;
    trace(
      (x: tf.Tensor) => {
        kept = tf.mul(x, 2);
        return kept;
      },
      [PAIR],
    );
    return kept as tf.Tensor;
  };
  test("cannot be read or computed with", () => {
    expect(() => leak().dataSync()).toThrow("the value of a traced tensor was asked for");
    expect(() => tf.add(leak(), 1)).toThrow("the value of a traced tensor was asked for");
  });
  test("cannot be used in another trace, or outside the body they belong to", () => {
    const old = leak();
    const wanted = "a traced tensor was used outside the function that was being traced";
    expect(traced((x) => tf.add(x, old))).toThrow(wanted);
    expect(
      traced((x) => {
        let inner: tf.Tensor = x;
        grad((v: tf.Tensor) => {
          inner = tf.square(v);
          return tf.sum(inner);
        })(x);
        return tf.add(inner, 1);
      }),
    ).toThrow(wanted);
    expect(
      traced((x) => {
        let inner: tf.Tensor = x;
        const step = (c: tf.Tensor, row: tf.Tensor) => {
          inner = tf.mul(c, row);
          return { carry: c, y: row };
        };
        scan(step, x, x);
        return inner;
      }),
    ).toThrow(wanted);
  });
});

describe("kernels without a lowering", () => {
  test("are named together with the line that called them", () => {
    const fn = (x: tf.Tensor) => tf.unique(x).values;
    expect(traced(fn)).toThrow(
      /tfjs kernel "Unique" cannot be traced \(.*errors\.test\.ts.*\): run it outside/,
    );
  });
});

describe("dtypes the graph does not have", () => {
  test("strings and complex numbers as arguments and as captured tensors", () => {
    const text = tf.tensor1d(["a", "b"]);
    const number = tf.complex([1, 2], [3, 4]);
    for (const [x, dtype] of [
      [text, "string"],
      [number, "complex64"],
    ] as const) {
      const wanted = `expected dtype float32, int32 or bool, got ${dtype} [2]`;
      expect(() => trace((v: tf.Tensor) => v, [x])).toThrow(wanted);
      expect(traced(() => tf.clone(x))).toThrow(wanted);
      expect(() => compile((v: tf.Tensor) => v)(x)).toThrow(wanted);
    }
    expect(traced(() => tf.tensor1d(["a"]))).toThrow("got string [1]");
    expect(traced((x) => tf.complex(x, x))).toThrow();
  });
});

describe("results", () => {
  test("may be tensors, numbers and trees of them, nothing else", () => {
    const { output, graph } = trace((x: tf.Tensor) => ({ a: [x, 3], b: null }), [SCALAR]);
    expect(output.key).toBe("{a:[*,*],b:null}");
    expect(graph.outputs.map((v) => v.type.dtype)).toEqual(["f32", "f32"]);
    expect(traced(() => "text")).toThrow("expected tensors as results, got string text");
    expect(traced(() => new Map())).toThrow("expected tensors as results, got Map");
    expect(traced(() => undefined)).toThrow("returned nothing");
  });
});
