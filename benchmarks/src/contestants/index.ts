import type { Contestant } from "./contestant.ts";

/** A contestant as the parent process knows it. */
export interface Entry {
  readonly name: string;
  readonly title: string;
  /** Loads it in a Node process. Absent for `pytorch.py`. */
  readonly load?: () => Promise<Contestant>;
  /** Environment of its process, besides the parent's. */
  readonly env?: Readonly<Record<string, string>>;
}

const oneThread = { OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1" };

/** In the order of their turns; the first is what the others are compared with. */
export const entries: readonly Entry[] = [
  {
    name: "layerwise",
    title: "layerwise `compile`, `cpu()`",
    load: async () => (await import("./layerwise.ts")).contestant(),
  },
  {
    name: "tfjs-layers",
    title: "tfjs-layers `trainOnBatch`, `cpu()`",
    load: async () => (await import("./tfjs-layers.ts")).repaired(),
  },
  {
    name: "tfjs-layers-plain",
    title: "tfjs-layers `trainOnBatch`, tfjs-backend-wasm",
    load: async () => (await import("./tfjs-layers.ts")).plain(),
  },
  {
    name: "tfjs-core",
    title: "tfjs-core `minimize`, `cpu()`",
    load: async () => (await import("./tfjs-core.ts")).contestant(),
  },
  {
    name: "jax-js",
    title: "jax-js `jit`, wasm",
    load: async () => (await import("./jax-js.ts")).contestant(),
  },
  { name: "torch", title: "PyTorch, its own threads" },
  { name: "torch-1", title: "PyTorch, one thread", env: oneThread },
];
