import { cpu } from "@layerwise/cpu";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";

test("goes on in plain JavaScript, with the reason, where WebAssembly has no vectors", async () => {
  const { validate } = WebAssembly;
  WebAssembly.validate = () => false;
  try {
    const info = await cpu();
    expect(info).toEqual({
      backend: "cpu",
      simd: false,
      fma: false,
      threads: 1,
      reason: expect.stringContaining("SIMD"),
    });
  } finally {
    WebAssembly.validate = validate;
  }
  expect(tf.getBackend()).toBe("cpu");
  expect(Array.from(tf.add([1], [2]).dataSync())).toEqual([3]);
});
