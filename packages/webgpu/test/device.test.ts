// The oracles are fake hosts, GPUs and adapters that answer as the real ones do, and record what they were asked.
import { expect, test } from "vitest";
import { adapterLabel, chooseAdapter, describeAdapter } from "../src/adapter.ts";
import { openDevice } from "../src/device.ts";
import { WebGPUUnavailableError } from "../src/error.ts";
import { type Dawn, findGPU, type Host, type Runtime } from "../src/runtime.ts";

const host = (runtime: Runtime, more: Partial<Host> = {}): Host => ({
  runtime,
  gpu: undefined,
  isSecureContext: true,
  install: () => {},
  ...more,
});

const unavailable = async (promise: Promise<unknown>): Promise<WebGPUUnavailableError> => {
  const error = await promise.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(WebGPUUnavailableError);
  return error as WebGPUUnavailableError;
};

const moduleNotFound = (message: string): Error =>
  Object.assign(new Error(message), { code: "ERR_MODULE_NOT_FOUND" });

test("findGPU: returns the host's own navigator.gpu and loads nothing", async () => {
  const gpu = {} as GPU;
  const loadDawn = (): Promise<Dawn> => Promise.reject(new Error("loaded"));
  for (const runtime of ["node", "deno", "browser", "worker"] as const) {
    expect(await findGPU(host(runtime, { gpu }), { loadDawn })).toBe(gpu);
  }
});

test("findGPU: in Node starts Dawn with the options given and installs it", async () => {
  const gpu = {} as GPU;
  const globals = { GPUBufferUsage: {} };
  const seen: unknown[] = [];
  const dawn: Dawn = {
    create: (options) => {
      seen.push(options);
      return gpu;
    },
    globals,
  };
  const node = host("node", { install: (...args) => seen.push(...args) });
  expect(await findGPU(node, { dawnOptions: ["backend=vulkan"], loadDawn: async () => dawn })).toBe(
    gpu,
  );
  expect(seen).toEqual([["backend=vulkan"], gpu, globals]);
});

test("findGPU: names the optional peer dependency when it is not installed", async () => {
  const cause = moduleNotFound("Cannot find package 'webgpu' imported from /app/index.js");
  const error = await unavailable(findGPU(host("node"), { loadDawn: () => Promise.reject(cause) }));
  expect([error.reason, error.runtime, error.cause]).toEqual(["dawn-missing", "node", cause]);
  expect(error.message).toContain("npm install webgpu");
});

test("findGPU: tells a broken Dawn from a missing one", async () => {
  const load = moduleNotFound("Cannot find module '/app/node_modules/webgpu/dist/dawn.node'");
  const notLoaded = await unavailable(
    findGPU(host("node"), { loadDawn: () => Promise.reject(load) }),
  );
  expect([notLoaded.reason, notLoaded.cause]).toEqual(["dawn-failed", load]);
  const create = new Error("unknown backend");
  const dawn: Dawn = {
    create: () => {
      throw create;
    },
    globals: {},
  };
  const notStarted = await unavailable(findGPU(host("node"), { loadDawn: async () => dawn }));
  expect([notStarted.reason, notStarted.cause]).toEqual(["dawn-failed", create]);
  expect(notStarted.message).toContain("unknown backend");
});

test("findGPU: advises browsers on versions, and on HTTPS where the context is insecure", async () => {
  const old = await unavailable(findGPU(host("browser")));
  expect(old.reason).toBe("no-webgpu");
  expect(old.message).toContain("Chrome or Edge 113");
  const http = await unavailable(findGPU(host("worker", { isSecureContext: false })));
  expect(http.reason).toBe("insecure-context");
  expect(http.message).toContain("HTTPS or from localhost");
  expect((await unavailable(findGPU(host("deno")))).message).toContain("Deno 2.9");
});

test("every error says what to do on its runtime", () => {
  const no = (runtime: Runtime): string =>
    new WebGPUUnavailableError("no-adapter", runtime).message;
  expect(no("node")).toContain("mesa-vulkan-drivers");
  expect(no("node")).toContain("SwiftShader");
  expect(no("deno")).toContain("Vulkan (Linux), Metal (macOS) or D3D12 (Windows)");
  expect(no("browser")).toContain("--enable-unsafe-webgpu");
  expect(new WebGPUUnavailableError("device-refused", "node").message).toContain("features");
});

const adapter = (more: object = {}, info: object = {}): GPUAdapter =>
  ({
    info: { vendor: "acme", architecture: "rocket", device: "", description: "", ...info },
    features: new Set(),
    limits: {},
    ...more,
  }) as unknown as GPUAdapter;

const software = adapter({}, { isFallbackAdapter: true });
const llvmpipe = adapter({}, { description: "llvmpipe (LLVM 15.0.6, 256 bits)" });
const hardware = adapter();

/** Answers requests in turn, and then null. */
const gpuWith = (...answers: (GPUAdapter | null)[]): { gpu: GPU; asked: unknown[] } => {
  const asked: unknown[] = [];
  const requestAdapter = async (request?: GPURequestAdapterOptions): Promise<GPUAdapter | null> => {
    asked.push(request);
    return answers[asked.length - 1] ?? null;
  };
  return { gpu: { requestAdapter } as unknown as GPU, asked };
};

test("chooseAdapter: takes the first hardware adapter, whatever the preference that finds it", async () => {
  const first = gpuWith(hardware, software);
  expect(await chooseAdapter(first.gpu, "high-performance")).toBe(hardware);
  expect(first.asked).toEqual([{ powerPreference: "high-performance" }]);
  const second = gpuWith(software, hardware);
  expect(await chooseAdapter(second.gpu, "low-power")).toBe(hardware);
  expect(second.asked).toEqual([
    { powerPreference: "low-power" },
    { powerPreference: "high-performance" },
  ]);
  expect(await chooseAdapter(gpuWith(llvmpipe, null, hardware).gpu, "low-power")).toBe(hardware);
});

test("chooseAdapter: falls back to software, flagged or recognised, and to nothing", async () => {
  expect(await chooseAdapter(gpuWith(null, software, llvmpipe).gpu, "low-power")).toBe(software);
  expect(await chooseAdapter(gpuWith(null, null, null, llvmpipe).gpu, "low-power")).toBe(llvmpipe);
  expect(await chooseAdapter(gpuWith().gpu, "low-power")).toBeUndefined();
});

test("describeAdapter and adapterLabel: say which GPU, whose, and whether it is software", () => {
  const nvidia = describeAdapter(
    adapter({}, { vendor: "4318", description: "NVIDIA H200" }),
    "deno",
  );
  expect(nvidia).toEqual({
    vendor: "nvidia",
    architecture: "rocket",
    device: "",
    description: "NVIDIA H200",
    isFallback: false,
    runtime: "deno",
  });
  expect(adapterLabel(nvidia)).toBe("NVIDIA H200 (nvidia rocket, deno)");
  expect(adapterLabel(describeAdapter(software, "node"))).toBe("GPU (acme rocket, software, node)");
});

test("openDevice: asks for the adapter's limits and for the features that it has", async () => {
  const asked: unknown[] = [];
  const device = { queue: { label: "" } };
  const limits = {
    maxBufferSize: 2 ** 31,
    maxStorageBuffersPerShaderStage: 16,
    maxTextureDimension1D: 1,
  };
  const rich = adapter({
    features: new Set(["shader-f16", "timestamp-query", "depth-clip-control"]),
    limits,
    requestDevice: async (descriptor: unknown) => {
      asked.push(descriptor);
      return device;
    },
  });
  expect(await openDevice(rich, "node", "layerwise", ["shader-f16", "extra"])).toBe(device);
  expect(device.queue.label).toBe("layerwise");
  expect(asked).toEqual([
    {
      label: "layerwise",
      requiredFeatures: ["shader-f16", "timestamp-query", "extra"],
      requiredLimits: { maxBufferSize: 2 ** 31, maxStorageBuffersPerShaderStage: 16 },
    },
  ]);
});

test("openDevice: keeps the adapter's reason when it refuses", async () => {
  const cause = new TypeError("feature not supported: extra");
  const poor = adapter({ requestDevice: () => Promise.reject(cause) });
  const error = await unavailable(openDevice(poor, "browser", "layerwise", ["extra"]));
  expect([error.reason, error.cause]).toEqual(["device-refused", cause]);
  expect(error.message).toContain("feature not supported: extra");
});
