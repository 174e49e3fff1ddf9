// What differs between Node, Deno and browsers: workers, cores, shared memory.
import { features } from "./wasm/features.ts";

interface NodeWorker {
  on(event: "message" | "error" | "exit", listener: (value: unknown) => void): void;
  unref(): void;
  terminate(): unknown;
}
interface NodeThreads {
  readonly Worker: new (
    source: string,
    options: { readonly eval: true; readonly workerData: unknown },
  ) => NodeWorker;
}
interface NodeOs {
  availableParallelism?(): number;
}
interface Host {
  readonly process?: { getBuiltinModule?(name: string): unknown };
  readonly navigator?: { readonly hardwareConcurrency?: number };
  readonly crossOriginIsolated?: boolean;
}

const host = (): Host => globalThis as Host;

/** A module of Node's. Bundlers do not see it, browsers do not have it. */
const builtin = <T>(name: string): T | undefined =>
  host().process?.getBuiltinModule?.(name) as T | undefined;

/** Number of cores that this process may use, at least 1. */
export const coreCount = (): number =>
  builtin<NodeOs>("node:os")?.availableParallelism?.() ??
  host().navigator?.hardwareConcurrency ??
  1;

/** Why memory cannot be shared with workers here; undefined if it can. */
export const sharedMemoryProblem = (): string | undefined => {
  if (host().crossOriginIsolated === false && builtin("node:worker_threads") === undefined) {
    return "the page is not cross-origin isolated (it needs the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp)";
  }
  if (typeof SharedArrayBuffer === "undefined") return "there is no SharedArrayBuffer";
  if (!features().threads) return "WebAssembly has no threads";
  return undefined;
};

/** Whether this thread may sleep in `Atomics.wait`: a browser's main thread must not. */
export const mayBlock = (): boolean => {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
};

/** A running worker. */
export interface HostWorker {
  terminate(): void;
}

/** What happens to a worker. */
export interface WorkerEvents {
  message(value: unknown): void;
  /** It failed or ended. */
  end(reason: string): void;
}

/** A worker, or why there is none. */
export type StartedWorker =
  | { readonly worker: HostWorker; readonly reason?: undefined }
  | { readonly worker?: undefined; readonly reason: string };

const startNodeWorker = (
  { Worker }: NodeThreads,
  source: string,
  data: unknown,
  events: WorkerEvents,
): HostWorker => {
  const worker = new Worker(
    `const { workerData, parentPort } = require("node:worker_threads");
     (${source})(workerData, (value) => parentPort.postMessage(value));`,
    { eval: true, workerData: data },
  );
  worker.on("message", (value) => events.message(value));
  worker.on("error", (error) => events.end(String(error)));
  worker.on("exit", () => events.end("the worker ended"));
  // Only now: listening for messages makes the process wait for the worker again.
  worker.unref();
  return { terminate: () => void worker.terminate() };
};

const startWebWorker = (source: string, data: unknown, events: WorkerEvents): HostWorker => {
  const code = `onmessage = ({ data }) => (${source})(data, (value) => postMessage(value));`;
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const worker = new Worker(url);
  worker.onmessage = ({ data: value }) => events.message(value);
  worker.onerror = (event) => {
    event.preventDefault();
    events.end(event.message || "the worker did not start (a Content-Security-Policy?)");
  };
  worker.postMessage(data);
  // Revoked late: some browsers read the code only when the worker starts.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  return { terminate: () => worker.terminate() };
};

/**
 * Starts a worker that runs `source`, the text of a function (data, send) → (). It does not keep the
 * process alive.
 */
export const startWorker = (source: string, data: unknown, events: WorkerEvents): StartedWorker => {
  const problem = sharedMemoryProblem();
  if (problem !== undefined) return { reason: problem };
  try {
    const node = builtin<NodeThreads>("node:worker_threads");
    if (node !== undefined) return { worker: startNodeWorker(node, source, data, events) };
    if (typeof Worker === "undefined") return { reason: "there are no workers" };
    return { worker: startWebWorker(source, data, events) };
  } catch (error) {
    return { reason: `a worker could not be started: ${error}` };
  }
};

interface NodeV8 {
  setFlagsFromString(flag: string): void;
}

/** Lets V8 make 256-bit vectors of neighbouring 128-bit ones in what is compiled from now on; Node only. */
export const enableWideVectors = (): void => {
  if ("Deno" in globalThis) return;
  builtin<NodeV8>("node:v8")?.setFlagsFromString("--experimental-wasm-revectorize");
};
