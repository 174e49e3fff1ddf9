import { encodeSafetensors, parseSafetensors } from "@layerwise/data";
import { treeFromArrays, treeToArrays } from "@layerwise/pretrain";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { expect, test } from "vitest";
import { live, values } from "./data.ts";

const tree = {
  params: [{ kernel: tf.tensor2d([[1, 2.5, -3]]), bias: null }],
  step: tf.scalar(7, "int32"),
  mask: tf.tensor1d([true, false], "bool"),
};

test("a tree goes into a file and comes back, with its types", async () => {
  const before = live();
  const arrays = await treeToArrays(tree);
  expect(arrays).toEqual({
    "params.0.kernel": { dtype: "float32", shape: [1, 3], data: Float32Array.of(1, 2.5, -3) },
    step: { dtype: "int32", shape: [], data: Int32Array.of(7) },
    mask: { dtype: "bool", shape: [2], data: Uint8Array.of(1, 0) },
  });
  expect(live()).toBe(before);
  const { tensors } = parseSafetensors(encodeSafetensors({ tensors: arrays }));
  const again = treeFromArrays(tree, tensors, "w");
  expect(live()).toBe(before + 3);
  expect(again.params[0]?.bias).toBeNull();
  expect(
    [again.params[0]?.kernel, again.step, again.mask].map((x) => x && [x.dtype, values(x)]),
  ).toEqual([
    ["float32", [1, 2.5, -3]],
    ["int32", [7]],
    ["bool", [1, 0]],
  ]);
  tf.dispose([again.params[0]?.kernel as tf.Tensor, again.step, again.mask]);
});

test("what does not fit is an error with the source, path and shapes, and leaks nothing", async () => {
  const { step, ...arrays } = await treeToArrays(tree);
  const before = live();
  expect(() => treeFromArrays(tree, arrays, "w.safetensors")).toThrow(
    "w.safetensors: expected step int32 [], found mask, params.0.kernel",
  );
  const other = { dtype: "float32", shape: [3, 1], data: new Float32Array(3) } as const;
  expect(() => treeFromArrays(tree, { ...arrays, "params.0.kernel": other }, "w")).toThrow(
    "w: expected params.0.kernel float32 [1, 3], found float32 [3, 1]",
  );
  expect(() => treeFromArrays(tree, { ...arrays, step: { ...other, shape: [] } }, "w")).toThrow(
    "w: expected step int32 [], found float32 []",
  );
  expect(step).toBeDefined();
  expect(live()).toBe(before);
});
