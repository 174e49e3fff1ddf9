// Oracles: snapshots that were read, and for what they mean XLA itself (test-xla runs the text of
// every operation).
import {
  Builder,
  checkpoint,
  random,
  scan,
  toText,
  trace,
  valueAndGrad,
} from "@layerwise/autodiff";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { buildGraph, literal } from "../../src/ir/builder.ts";
import type { TensorType } from "../../src/ir/types.ts";
import { dense } from "../../src/print/text/syntax.ts";
import { allCases, caseGraph } from "../support/op-cases.ts";
import { generator } from "../support/random.ts";

const float32 = (...shape: number[]) => ({ shape, dtype: "float32" }) as const;
const SCALAR: TensorType = { shape: [], dtype: "f32" };

const snapshot = (name: string): string => `./snapshots/${name}.mlir`;

test("a loss with its gradients", async () => {
  const loss = (w: tf.Tensor2D, x: tf.Tensor2D): tf.Tensor =>
    tf.mean(tf.square(tf.sigmoid(tf.matMul(x, w))));
  const { graph } = trace(valueAndGrad(loss as never) as never, [float32(4, 3), float32(8, 4)]);
  await expect(toText(graph, "loss")).toMatchFileSnapshot(snapshot("loss"));
});

test("random bits are one function per shape", () => {
  const { graph } = trace(() => {
    const [first, second] = random.split(random.key(0));
    return [random.uniform(first!, [3]), random.uniform(second!, [3])];
  }, []);
  const text = toText(graph);
  expect(text.match(/call @threefry2x32_3\(/g)).toHaveLength(2);
  expect(text.match(/func private @threefry2x32_3\(/g)).toHaveLength(1);
});

test("a scan", async () => {
  const cumulative = (x: tf.Tensor) =>
    scan(
      (sum: tf.Tensor, row: tf.Tensor) => ({ carry: tf.add(sum, row), y: sum }),
      tf.zeros([2]),
      x,
    );
  const { graph } = trace(cumulative as never, [float32(5, 2)]);
  await expect(toText(graph)).toMatchFileSnapshot(snapshot("scan"));
});

test("a checkpoint runs again behind a barrier", async () => {
  const twice = checkpoint((x: tf.Tensor) => tf.sin(tf.sin(x)));
  const { graph } = trace(valueAndGrad(((x: tf.Tensor) => tf.sum(twice(x))) as never) as never, [
    float32(3),
  ]);
  await expect(toText(graph)).toMatchFileSnapshot(snapshot("checkpoint"));
});

test("every operation has a text, the same every time", () => {
  for (const c of allCases) expect(toText(caseGraph(c))).toBe(toText(caseGraph(c)));
});

test("a body that is called twice is one function", () => {
  const body = buildGraph([SCALAR], (b, [x]) => [b.map("sine", x!)]);
  const graph = buildGraph([SCALAR], (b, [x]) => {
    const call = (v: typeof x) => b.one("call", [v!], { body, derivative: { kind: "inline" } });
    return [call(call(x))];
  });
  const text = toText(graph);
  expect(text.match(/func\.func private/g)).toHaveLength(1);
  expect(text.match(/func\.call @call_0/g)).toHaveLength(2);
});

test("an output that is an input, and no outputs", () => {
  const b = new Builder();
  const x = b.input(SCALAR);
  expect(toText(b.finish([x]), "a b")).toBe(
    'module @"a b" {\n  func.func public @main(%arg0: tensor<f32>) -> (tensor<f32>) {\n' +
      "    return %arg0 : tensor<f32>\n  }\n}\n",
  );
  expect(toText(b.finish([]))).toContain("-> () {\n    return\n");
});

test.each([
  ["f32", [], [0.1], "0.1"],
  ["f32", [2], [0], "0.0"],
  ["f32", [2], [-0], "-0.0"],
  ["f32", [], [1e-7], "1.0e-7"],
  ["f32", [], [3e38], "3.0e+38"],
  ["f32", [], [2 ** 24 + 2], "16777218.0"],
  ["f32", [], [1 / 3], "0.33333334"],
  [
    "f32",
    [4],
    [Number.NaN, Infinity, -Infinity, 1e39],
    "[0x7FC00000, 0x7F800000, 0xFF800000, 0x7F800000]",
  ],
  ["f16", [], [0.1], "0.1"],
  ["f16", [2], [Number.NaN, -Infinity], "[0x7E00, 0xFC00]"],
  ["i32", [1, 2], [-1, 2], "[[-1, 2]]"],
  ["u32", [], [2 ** 32 - 1], "4294967295"],
  ["bool", [2, 1], [1, 0], "[[true], [false]]"],
  ["f32", [0, 3], [], ""],
] as const)("constant of %s%j %j", (dtype, shape, values, body) => {
  const type: TensorType = { shape, dtype };
  expect(dense(type, literal(dtype, values))).toMatch(`dense<${body}> : tensor<`);
});

test("numbers read back as the same f32", () => {
  const next = generator(7);
  const bits = Uint32Array.from({ length: 5000 }, () => 2 ** 32 * next());
  for (const x of new Float32Array(bits.buffer)) {
    if (!Number.isFinite(x)) continue;
    const text = /<(.*)> /.exec(dense(SCALAR, Float64Array.of(x)))![1]!;
    expect(text).toMatch(/^-?\d+\.\d+(e[-+]?\d+)?$/);
    expect(Math.fround(Number(text))).toBe(x);
  }
});

test("long constants are little-endian bytes", () => {
  const text = dense(
    { shape: [300], dtype: "i32" },
    Int32Array.from({ length: 300 }, (_, i) => i),
  );
  expect(text.slice(0, 30)).toBe('dense<"0x000000000100000002000');
  expect(text).toHaveLength('dense<"0x"> : tensor<300xi32>'.length + 2400);
});
