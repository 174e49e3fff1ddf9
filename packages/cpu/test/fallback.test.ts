import { cpu } from "@layerwise/cpu";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";

test("goes on in plain JavaScript, with the reason, where the wasm files are not found", async () => {
  const info = await cpu({ wasmPaths: "/no/such/folder/" });
  expect(info).toEqual({ backend: "cpu", simd: false, threads: 1, reason: expect.any(String) });
  expect(info.reason).not.toBe("");
  expect(tf.getBackend()).toBe("cpu");
  expect(Array.from(tf.add([1], [2]).dataSync())).toEqual([3]);
});
