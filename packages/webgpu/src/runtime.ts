/** Everything that differs between Node, Deno, windows and workers. */
import { WebGPUUnavailableError } from "./error.ts";

/** Where this code runs: `"browser"` is a window, `"worker"` any browser worker. */
export type Runtime = "node" | "deno" | "browser" | "worker";

/** The npm package `webgpu`: Dawn, Chrome's WebGPU, as a Node add-on. */
export interface Dawn {
  /** Starts Dawn with options like `"backend=vulkan"` or `"enable-dawn-features=allow_unsafe_apis"`. */
  create(options: string[]): GPU;
  /** `GPUBuffer`, `GPUBufferUsage` and the other names a browser has as globals. */
  readonly globals: object;
}

/** What of the host matters here; a parameter, so that every host's errors can be tested on any. */
export interface Host {
  readonly runtime: Runtime;
  readonly gpu: GPU | undefined;
  readonly isSecureContext: boolean;
  /** Puts Dawn where browsers have WebGPU; tfjs looks for it nowhere else. */
  install(gpu: GPU, globals: object): void;
}

/** Describes the host this code runs on. */
export const currentHost = (): Host => ({
  runtime: detectRuntime(),
  gpu: globalThis.navigator?.gpu,
  isSecureContext: globalThis.isSecureContext ?? true,
  install: (gpu, globals) => {
    Object.assign(globalThis, globals);
    // `navigator` itself is a read-only accessor in Node, its properties are not.
    Object.defineProperty(globalThis.navigator, "gpu", {
      value: gpu,
      configurable: true,
      enumerable: true,
    });
  },
});

const detectRuntime = (): Runtime => {
  // Deno defines `process` as well, so it has to be asked for first.
  if ("Deno" in globalThis) return "deno";
  if (globalThis.process?.versions?.node !== undefined) return "node";
  return typeof document === "undefined" ? "worker" : "browser";
};

/** Settings for Dawn, which only Node needs. */
export interface DawnOptions {
  readonly dawnOptions?: readonly string[] | undefined;
  readonly loadDawn?: (() => Promise<Dawn>) | undefined;
}

/** Finds the host's WebGPU entry point, starting Dawn in Node. */
export const findGPU = async (
  host: Host,
  { dawnOptions = [], loadDawn = () => importPeer("webgpu") }: DawnOptions = {},
): Promise<GPU> => {
  if (host.gpu !== undefined) return host.gpu;
  if (host.runtime !== "node") {
    const reason = host.isSecureContext ? "no-webgpu" : "insecure-context";
    throw new WebGPUUnavailableError(reason, host.runtime);
  }
  let dawn: Dawn;
  try {
    dawn = await loadDawn();
  } catch (cause) {
    const reason = isModuleNotFound(cause) ? "dawn-missing" : "dawn-failed";
    throw new WebGPUUnavailableError(reason, host.runtime, { cause });
  }
  try {
    const gpu = dawn.create([...dawnOptions]);
    host.install(gpu, dawn.globals);
    return gpu;
  } catch (cause) {
    throw new WebGPUUnavailableError("dawn-failed", host.runtime, { cause });
  }
};

// The specifier is a variable so that no bundler tries to pull an optional native add-on into a web page.
const importPeer = (specifier: string): Promise<Dawn> =>
  import(/* @vite-ignore */ /* webpackIgnore: true */ specifier);

const isModuleNotFound = (error: unknown): boolean => {
  const { code, message } = error as { code?: string; message?: string };
  // A missing dawn.node inside an installed `webgpu` is MODULE_NOT_FOUND too, but names another file.
  return code === "ERR_MODULE_NOT_FOUND" && /'webgpu'/.test(message ?? "");
};
