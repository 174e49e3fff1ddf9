import type { Runtime } from "./runtime.ts";

/**
 * Why there is no WebGPU device:
 *
 * - `"insecure-context"`: the page is not served over HTTPS or from localhost;
 * - `"no-webgpu"`: the runtime has no `navigator.gpu`;
 * - `"dawn-missing"`: Node, and the optional peer dependency `webgpu` is not installed;
 * - `"dawn-failed"`: Node, and `webgpu` is installed but did not load or start;
 * - `"no-adapter"`: WebGPU is there, but found no GPU and no software driver;
 * - `"device-refused"`: the adapter was found and refused to open a device.
 */
export type WebGPUUnavailableReason =
  | "insecure-context"
  | "no-webgpu"
  | "dawn-missing"
  | "dawn-failed"
  | "no-adapter"
  | "device-refused";

/** Says that no WebGPU device could be had, why, and what to install or switch on. */
export class WebGPUUnavailableError extends Error {
  override readonly name = "WebGPUUnavailableError";
  /** Which step failed. */
  readonly reason: WebGPUUnavailableReason;
  /** The runtime that was detected; the advice in the message is for this one. */
  readonly runtime: Runtime;

  constructor(reason: WebGPUUnavailableReason, runtime: Runtime, options?: { cause?: unknown }) {
    super(
      `webgpu: ${problems[reason]}. ${advice(reason, runtime)}${because(options?.cause)}`,
      options,
    );
    this.reason = reason;
    this.runtime = runtime;
  }
}

const problems: Record<WebGPUUnavailableReason, string> = {
  "insecure-context": "this page is not a secure context, where browsers hide WebGPU",
  "no-webgpu": "this runtime has no navigator.gpu",
  "dawn-missing": 'Node has no WebGPU of its own, and the package "webgpu" is not installed',
  "dawn-failed": 'the package "webgpu" is installed but did not start',
  "no-adapter": "no GPU adapter was found",
  "device-refused": "the GPU adapter refused to open a device",
};

const drivers =
  "On Linux without a GPU a software driver does: `apt install mesa-vulkan-drivers` (lavapipe) or " +
  "SwiftShader, whose libvulkan.so.1 then has to be on LD_LIBRARY_PATH.";

const driver: Record<Runtime, string> = {
  node: `Install a Vulkan (Linux), Metal (macOS) or D3D12 (Windows) driver. ${drivers}`,
  deno: `Install a Vulkan (Linux), Metal (macOS) or D3D12 (Windows) driver. ${drivers}`,
  browser:
    "Check chrome://gpu: graphics acceleration may be off or the GPU blocklisted. " +
    "Chromium without a GPU needs --enable-unsafe-webgpu (software), on Linux also --enable-features=Vulkan.",
  worker:
    "Check chrome://gpu: graphics acceleration may be off or the GPU blocklisted. " +
    "Chromium without a GPU needs --enable-unsafe-webgpu (software), on Linux also --enable-features=Vulkan.",
};

const versions: Record<Runtime, string> = {
  node: "Run `npm install webgpu`.",
  deno: "Use Deno 2.9 or later; older ones may need --unstable-webgpu.",
  browser: "Use Chrome or Edge 113, Safari 26, Firefox 141 (Windows) or 145 (macOS), or later.",
  worker:
    "Use Chrome or Edge 113, Safari 26, Firefox 141 (Windows) or 145 (macOS), or later; " +
    "service workers need Chrome 124.",
};

const advice = (reason: WebGPUUnavailableReason, runtime: Runtime): string => {
  switch (reason) {
    case "insecure-context":
      return "Serve it over HTTPS or from localhost.";
    case "no-webgpu":
    case "dawn-missing":
      return versions[runtime];
    case "dawn-failed":
      return `It has binaries for macOS, Linux and Windows on x64 and arm64. ${driver[runtime]}`;
    case "no-adapter":
      return driver[runtime];
    case "device-refused":
      return "Ask for fewer `features`, or update the GPU driver.";
  }
};

const because = (cause: unknown): string =>
  cause === undefined ? "" : ` (${cause instanceof Error ? cause.message : String(cause)})`;
