import { WebGPUUnavailableError } from "./error.ts";
import type { Runtime } from "./runtime.ts";

/** Opens a device with everything the adapter offers that compute shaders can use. */
export const openDevice = async (
  adapter: GPUAdapter,
  runtime: Runtime,
  label: string,
  extraFeatures: readonly string[] = [],
): Promise<GPUDevice> => {
  const required = extraFeatures as readonly GPUFeatureName[];
  try {
    const device = await adapter.requestDevice({
      label,
      requiredFeatures: [
        ...new Set([...usefulFeatures.filter((name) => adapter.features.has(name)), ...required]),
      ],
      requiredLimits: adapterLimits(adapter),
    });
    // Dawn in Node ignores the descriptor's defaultQueue.label.
    device.queue.label = label;
    return device;
  } catch (cause) {
    throw new WebGPUUnavailableError("device-refused", runtime, { cause });
  }
};

const adapterLimits = ({ limits }: GPUAdapter): Record<string, GPUSize64> => {
  const wanted: Record<string, GPUSize64> = {};
  for (const name of usefulLimits) {
    // An older runtime lacks a newer limit.
    if (limits[name] !== undefined) wanted[name] = limits[name];
  }
  return wanted;
};

const usefulFeatures = [
  "shader-f16",
  "subgroups",
  "subgroup-size-control",
  "timestamp-query",
  // tf.browser.draw uses it.
  "bgra8unorm-storage",
] as readonly GPUFeatureName[];

/** Without these a device has the defaults of the specification: 8 storage buffers, 128 MiB each. */
const usefulLimits = [
  "maxBindGroups",
  "maxBindingsPerBindGroup",
  "maxBufferSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupSizeZ",
  "maxComputeWorkgroupStorageSize",
  "maxComputeWorkgroupsPerDimension",
  "maxDynamicStorageBuffersPerPipelineLayout",
  "maxDynamicUniformBuffersPerPipelineLayout",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxUniformBufferBindingSize",
  "maxUniformBuffersPerShaderStage",
  "minStorageBufferOffsetAlignment",
  "minUniformBufferOffsetAlignment",
] as const satisfies readonly (keyof GPUSupportedLimits)[];
