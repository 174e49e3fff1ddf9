import { type WebGPU, WebGPUUnavailableError, webgpu } from "@layerwise/webgpu";
import { test } from "vitest";

const isCI = globalThis.process?.env.CI ?? (import.meta as { env?: { CI?: string } }).env?.CI;

/** The device, or why there is none; on CI a missing device fails every test file. */
export const opened: WebGPU | WebGPUUnavailableError = await webgpu().catch((error: unknown) => {
  if (isCI || !(error instanceof WebGPUUnavailableError)) throw error;
  return error;
});

/** A test that needs the device. */
export const gpuTest = test.skipIf(opened instanceof WebGPUUnavailableError);
