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
    load: async () => (await import("./layerwise.ts")).contestant({}),
  },
  {
    name: "layerwise-1",
    title: "layerwise `compile`, one thread",
    load: async () => (await import("./layerwise.ts")).contestant({ threads: 1 }),
  },
  {
    name: "layerwise-wide",
    title: "layerwise `compile`, 256-bit vectors",
    load: async () => (await import("./layerwise.ts")).contestant({ wideVectors: true }),
  },
  {
    name: "tfjs-layers-lazy",
    title: "tfjs-layers, `cpu()`",
    load: async () => (await import("./tfjs-layers.ts")).contestant("layerwise-cpu"),
  },
  {
    name: "tfjs-layers-transposed",
    title: "tfjs-layers, tfjs-backend-wasm that transposes first",
    load: async () => (await import("./tfjs-layers.ts")).contestant("wasm-transposed"),
  },
  {
    name: "tfjs-layers-plain",
    title: "tfjs-layers, tfjs-backend-wasm",
    load: async () => (await import("./tfjs-layers.ts")).contestant("wasm"),
  },
  {
    name: "jax-js",
    title: "jax-js `jit`, wasm",
    load: async () => (await import("./jax-js.ts")).contestant(),
  },
  { name: "torch", title: "PyTorch, its own threads" },
  { name: "torch-1", title: "PyTorch, one thread", env: oneThread },
  {
    name: "torch-avx2",
    title: "PyTorch, 256-bit vectors",
    env: { OPENBLAS_CORETYPE: "Haswell", ATEN_CPU_CAPABILITY: "avx2" },
  },
];
