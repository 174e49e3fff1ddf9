import type { Runtime } from "./runtime.ts";

/** Which GPU was chosen; browsers blank the fields that would identify the user. */
export interface AdapterDescription {
  /** Lower-case vendor name, such as `"nvidia"`, or `""`. */
  readonly vendor: string;
  /** GPU family, such as `"hopper"`, or `""`. */
  readonly architecture: string;
  /** Vendor-specific device name or id, or `""`. */
  readonly device: string;
  /** Driver's own description, or `""`. */
  readonly description: string;
  /** Whether a CPU does the work (SwiftShader, lavapipe, WARP): correct, but slow. */
  readonly isFallback: boolean;
  /** Who provides WebGPU: Dawn in `"node"`, wgpu in `"deno"`, else the browser. */
  readonly runtime: Runtime;
}

/** Asks for adapters until one is hardware; returns the first software one if none is. */
export const chooseAdapter = async (
  gpu: GPU,
  powerPreference: GPUPowerPreference,
): Promise<GPUAdapter | undefined> => {
  const other = powerPreference === "low-power" ? "high-performance" : "low-power";
  const requests: (GPURequestAdapterOptions | undefined)[] = [
    { powerPreference },
    { powerPreference: other },
    // Some drivers are found only without a preference, some only as the fallback.
    undefined,
    { forceFallbackAdapter: true },
  ];
  let software: GPUAdapter | undefined;
  for (const request of requests) {
    const adapter = await gpu.requestAdapter(request);
    if (adapter === null) continue;
    if (!isSoftware(adapter)) return adapter;
    software ??= adapter;
  }
  return software;
};

/** Describes an adapter in the same words on every runtime. */
export const describeAdapter = (adapter: GPUAdapter, runtime: Runtime): AdapterDescription => ({
  vendor: vendorNames[adapter.info.vendor] ?? adapter.info.vendor,
  architecture: adapter.info.architecture,
  device: adapter.info.device,
  description: adapter.info.description,
  isFallback: isSoftware(adapter),
  runtime,
});

/** Names the adapter in one line, for logs and reports. */
export const adapterLabel = (adapter: AdapterDescription): string => {
  const name = adapter.description || adapter.device || "GPU";
  const family = [adapter.vendor, adapter.architecture].filter(Boolean).join(" ");
  const details = [family, adapter.isFallback ? "software" : "", adapter.runtime].filter(Boolean);
  return `${name} (${details.join(", ")})`;
};

const isSoftware = ({ info }: GPUAdapter): boolean =>
  info.isFallbackAdapter ||
  // Not every runtime flags its software drivers.
  /swiftshader|llvmpipe|lavapipe|basic render/i.test(`${info.architecture} ${info.description}`);

/** Deno gives the PCI vendor id in decimal where Dawn gives a name. */
const vendorNames: Record<string, string> = {
  4098: "amd",
  4203: "apple",
  4318: "nvidia",
  5045: "arm",
  6880: "google",
  20803: "qualcomm",
  32902: "intel",
  65541: "mesa",
};
