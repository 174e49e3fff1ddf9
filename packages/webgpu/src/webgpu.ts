import * as tf from "@tensorflow/tfjs-core";
import {
  type AdapterDescription,
  adapterLabel,
  chooseAdapter,
  describeAdapter,
} from "./adapter.ts";
import { activateBackend, findActiveBackend } from "./backend.ts";
import { openDevice } from "./device.ts";
import { WebGPUUnavailableError } from "./error.ts";
import { currentHost, type Dawn, findGPU } from "./runtime.ts";

/** Settings of {@link webgpu}. */
export interface WebGPUOptions {
  /** Which GPU to prefer where there are several. Default `"high-performance"`. */
  readonly powerPreference?: GPUPowerPreference;
  /**
   * Features to require beyond those that are taken whenever the adapter has them: `shader-f16`, `subgroups`,
   * `subgroup-size-control`, `timestamp-query`, `bgra8unorm-storage`. Default none.
   */
  readonly features?: readonly string[];
  /** The label of the device and its queue in GPU debuggers and error messages. Default `"layerwise"`. */
  readonly label?: string;
  /** Options for Dawn in Node, such as `"backend=vulkan"`. Default none. */
  readonly dawnOptions?: readonly string[];
  /** Loads Dawn in Node. Default: imports the optional peer dependency `webgpu`. */
  readonly loadDawn?: () => Promise<Dawn>;
}

/** Bytes of GPU buffers held by tfjs. */
export interface GPUMemory {
  /** In buffers that belong to a live tensor or to work in flight. */
  readonly bytesInUse: number;
  /** In use, or kept for the next tensor of the same size. */
  readonly bytesAllocated: number;
}

/** The WebGPU device that tfjs computes on. */
export interface WebGPU {
  /** The device; tensors' buffers live here. */
  readonly device: GPUDevice;
  /** Which GPU it is. */
  readonly adapter: AdapterDescription;
  /** The GPU in one line, such as `"NVIDIA H200 (nvidia hopper, node)"`. */
  readonly label: string;
  /** Resolves when the device is gone: unplugged, driver reset, or `destroy`. Call `webgpu()` again for a new one. */
  readonly lost: Promise<GPUDeviceLostInfo>;
  /** Reports how much GPU memory tfjs holds. */
  memory(): GPUMemory;
  /** Frees the device and every tensor on it, and takes the backend away from tfjs. */
  destroy(): void;
}

/**
 * Opens a GPU and makes it tfjs's active backend, in Node, Deno, windows and workers.
 *
 * A hardware adapter is preferred to a software one (see `adapter.isFallback`), and the device gets all the limits
 * and compute features of its adapter; tfjs's own device has the default limits. In Node, WebGPU comes from the
 * optional peer dependency `webgpu` (Dawn).
 *
 * There is one device per JavaScript realm: later calls make it active again and return it, whatever their options,
 * until it is lost. The call also registers the tfjs kernels that `@layerwise/autodiff` needs beyond tfjs's own.
 *
 * @param options - See {@link WebGPUOptions}.
 * @returns The device with its description.
 * @throws {@link WebGPUUnavailableError} when there is no device, with `reason` and advice for this runtime.
 * @throws Error when tfjs already holds tensors on a WebGPU device of its own.
 *
 * @example
 * ```ts
 * import { WebGPUUnavailableError, webgpu } from "@layerwise/webgpu";
 * import * as tf from "@tensorflow/tfjs-core";
 *
 * try {
 *   const gpu = await webgpu();
 *   const y = tf.matMul([[1, 2]], [[3], [4]]);
 *   console.log(gpu.label, gpu.adapter.isFallback, await y.data()); // 11
 * } catch (error) {
 *   if (!(error instanceof WebGPUUnavailableError)) throw error;
 *   console.log(error.reason, error.message);
 * }
 * ```
 */
export const webgpu = async (options: WebGPUOptions = {}): Promise<WebGPU> => {
  const realm = sharedState();
  realm.opening ??= open(realm, options).catch((error: unknown) => {
    realm.opening = undefined;
    throw error;
  });
  const gpu = await realm.opening;
  // One after the other: of two initialisations at the same time, tfjs's engine lets one fail.
  const activation = realm.lastActivation.then(() =>
    activateBackend(gpu.device, gpu.adapter, realm.lost),
  );
  realm.lastActivation = activation.catch(() => {});
  await activation;
  return gpu;
};

const open = async (realm: Realm, options: WebGPUOptions): Promise<WebGPU> => {
  const { powerPreference = "high-performance", features, label = "layerwise" } = options;
  const host = currentHost();
  const gpu = await findGPU(host, options);
  const found = await chooseAdapter(gpu, powerPreference);
  if (found === undefined) throw new WebGPUUnavailableError("no-adapter", host.runtime);
  const adapter = describeAdapter(found, host.runtime);
  const device = await openDevice(found, host.runtime, label, features);
  realm.device = device;
  const forget = (): void => {
    realm.lost.add(device);
    // The news of a loss may come after the next device was opened.
    if (realm.device !== device) return;
    realm.device = undefined;
    realm.opening = undefined;
  };
  const lost = device.lost.then((info) => {
    forget();
    return info;
  });
  return {
    device,
    adapter,
    label: adapterLabel(adapter),
    lost,
    memory: () => {
      const memory = findActiveBackend(device)?.memory();
      return {
        bytesInUse: memory?.numBytesInGPU ?? 0,
        bytesAllocated: memory?.numBytesAllocatedInGPU ?? 0,
      };
    },
    destroy: () => {
      forget();
      if (findActiveBackend(device)) tf.removeBackend("webgpu");
      device.destroy();
    },
  };
};

/** What all copies of this package in a realm share, as tfjs's registries are shared too. */
interface Realm {
  opening: Promise<WebGPU> | undefined;
  /** The device that `opening` gave. */
  device: GPUDevice | undefined;
  lastActivation: Promise<void>;
  /** Devices that are gone: a tfjs backend on one of them may be replaced. */
  readonly lost: WeakSet<GPUDevice>;
}

const sharedState = (): Realm => {
  const global = globalThis as { [key: symbol]: Realm | undefined };
  const key = Symbol.for("@layerwise/webgpu");
  global[key] ??= {
    opening: undefined,
    device: undefined,
    lastActivation: Promise.resolve(),
    lost: new WeakSet(),
  };
  return global[key];
};
