import { type WebGPU, WebGPUUnavailableError, webgpu } from "@layerwise/webgpu";
import "@tensorflow/tfjs-backend-cpu";
import { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { gpuTest, opened } from "./gpu.ts";
import { int32, upload } from "./words.ts";

const gpu = opened as WebGPU;
const backend = (): WebGPUBackend => tf.backend() as WebGPUBackend;

test("a device is there", ({ skip }) => {
  if (opened instanceof WebGPUUnavailableError) skip(opened.message);
  else expect(tf.getBackend()).toBe("webgpu");
});

gpuTest("says which adapter it got, on which runtime", () => {
  const { adapter, label } = gpu;
  const runtime =
    "Deno" in globalThis ? "deno" : typeof document === "undefined" ? "node" : "browser";
  expect(adapter.runtime).toBe(runtime);
  expect(adapter.vendor + adapter.architecture + adapter.description).not.toBe("");
  expect(adapter.isFallback).toBeTypeOf("boolean");
  expect(label).toContain(adapter.description);
  expect(label.includes("software")).toBe(adapter.isFallback);
});

gpuTest("labels the device and its queue", () => {
  expect([gpu.device.label, gpu.device.queue.label]).toEqual(["layerwise", "layerwise"]);
});

gpuTest("takes all the limits and compute features that the adapter has", async () => {
  const adapter = (await navigator.gpu.requestAdapter()) as GPUAdapter;
  for (const name of [
    "maxBufferSize",
    "maxStorageBufferBindingSize",
    "maxStorageBuffersPerShaderStage",
    "maxComputeWorkgroupStorageSize",
    "maxComputeInvocationsPerWorkgroup",
    "maxComputeWorkgroupSizeX",
  ] as const) {
    expect([name, gpu.device.limits[name]]).toEqual([name, adapter.limits[name]]);
  }
  for (const name of ["shader-f16", "subgroups", "timestamp-query"] as const) {
    expect([name, gpu.device.features.has(name)]).toEqual([name, adapter.features.has(name)]);
  }
});

gpuTest("tfjs computes on this very device", async () => {
  expect([tf.getBackend(), backend().device]).toEqual(["webgpu", gpu.device]);
  // 40 ones times 40 ones, above the size that tfjs forwards to the CPU.
  const product = tf.matMul(tf.ones([100, 40]), tf.ones([40, 50]));
  expect(new Set(await product.data())).toEqual(new Set([40]));
});

gpuTest(
  "returns the same device at once, later, and after another backend was active",
  async () => {
    expect(await Promise.all([webgpu(), webgpu({ label: "other" })])).toEqual([gpu, gpu]);
    await tf.setBackend("cpu");
    expect(await webgpu()).toBe(gpu);
    expect(tf.getBackend()).toBe("webgpu");
  },
);

gpuTest("tfjs's reset makes a new backend on the same device", async () => {
  tf.engine().reset();
  await tf.setBackend("webgpu");
  expect(backend().device).toBe(gpu.device);
  expect(await webgpu()).toBe(gpu);
});

gpuTest("memory counts the bytes of tensors on the device", async () => {
  const before = gpu.memory().bytesInUse;
  const x = upload(tf.ones([1000]));
  expect(gpu.memory().bytesInUse - before).toBeGreaterThanOrEqual(4000);
  expect(gpu.memory().bytesAllocated).toBeGreaterThanOrEqual(gpu.memory().bytesInUse);
  await x.data();
  x.dispose();
  expect(gpu.memory().bytesInUse).toBe(before);
});

gpuTest("the kernels leave nothing behind", async () => {
  const live = (): unknown => {
    const { numTensors, numDataBuffers } = tf.memory();
    return { numTensors, numDataBuffers, dataIds: backend().numDataIds() };
  };
  const before = live();
  for (const size of [0, 1, 2000]) {
    const x = int32(new Uint32Array(size).fill(7));
    const key = int32([1, 2]);
    const results = [
      tf.engine().runKernel("LayerwiseThreefry2x32", { key, x0: x, x1: x }),
      tf.engine().runKernel("LayerwiseBitwise", { a: x, b: x }, { op: "xor" }),
      tf.engine().runKernel("LayerwiseUint32Compare", { a: x, b: x }, { direction: "LT" }),
      tf.engine().runKernel("LayerwiseUint32Binary", { a: x, b: x }, { op: "divide" }),
      tf.engine().runKernel("LayerwiseUint32ToFloat", { x }),
      tf.engine().runKernel("LayerwiseBitcast", { x }, { dtype: "float32" }),
    ].flat() as tf.Tensor[];
    await Promise.all(results.map((result) => result.data()));
    tf.dispose([results, x, key]);
  }
  expect(live()).toEqual(before);
});

// The rest ends the device, so it comes last.
gpuTest("first calls at the same time share one device and one backend", async () => {
  gpu.destroy();
  const [first, second] = await Promise.all([webgpu(), webgpu()]);
  expect(second).toBe(first);
  expect(backend().device).toBe(first.device);
  await gpu.lost;
  expect(await webgpu()).toBe(first);
});

gpuTest("a lost device is reported, and the next call opens another", async () => {
  const gpu = await webgpu();
  const x = tf.ones([3]);
  gpu.device.destroy();
  expect((await gpu.lost).reason).toBe("destroyed");
  const next = await webgpu();
  expect(next.device).not.toBe(gpu.device);
  expect(backend().device).toBe(next.device);
  expect(Array.from(await tf.add([1, 2], [3, 4]).data())).toEqual([4, 6]);
  x.dispose();
  next.destroy();
  expect((await next.lost).reason).toBe("destroyed");
  expect(tf.findBackendFactory("webgpu")).toBeFalsy();
});

gpuTest("does not pull a device with tensors on it from under tfjs", async () => {
  const adapter = (await navigator.gpu.requestAdapter()) as GPUAdapter;
  const own = await adapter.requestDevice();
  tf.registerBackend("webgpu", () => new WebGPUBackend(own));
  await tf.setBackend("webgpu");
  const x = tf.ones([3]);
  await expect(webgpu()).rejects.toThrow(
    "tfjs already holds 1 tensors on a WebGPU device of its own",
  );
  expect(backend().device).toBe(own);
  x.dispose();
  const next = await webgpu();
  expect(backend().device).toBe(next.device);
  next.destroy();
});
