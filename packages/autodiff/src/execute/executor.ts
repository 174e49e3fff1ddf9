import * as tf from "@tensorflow/tfjs-core";
import type { Graph } from "../ir/types.ts";

/** A graph made ready to run on one backend. */
export interface Executable {
  /** Runs once. Borrows `inputs`, returns fresh tensors that belong to the current tidy scope. */
  run(inputs: readonly tf.Tensor[]): tf.Tensor[];
  /** The same for graphs that must read values on the host in between (`while` on WebGPU). */
  runAsync(inputs: readonly tf.Tensor[]): Promise<tf.Tensor[]>;
  /** Frees what the executable keeps on the device. */
  dispose(): void;
}

/** What an executor may assume of the graph's inputs. */
export interface ExecutableOptions {
  /**
   * Positions of inputs that the caller does not use again. The executable may free them early, and may
   * overwrite those whose buffer belongs to nobody else (`backend.refCount(dataId) === 1`): tf.clone
   * and tf.reshape share it.
   */
  readonly donate: readonly number[];
}

/** Turns an optimized graph into something that runs on one tfjs backend. */
export type Executor = (graph: Graph, options: ExecutableOptions) => Executable;

// Keyed by Symbol.for on globalThis, so that two installed copies of this package agree.
const KEY: unique symbol = Symbol.for("@layerwise/autodiff/executors") as never;
type Registry = { [KEY]?: Map<string, Executor> };

const registry = (): Map<string, Executor> => {
  const home = globalThis as Registry;
  home[KEY] ??= new Map();
  return home[KEY];
};

/**
 * Makes `compile` use an executor whenever the tfjs backend of that name is active.
 *
 * Backend packages call this before the first call of a compiled function; without one the graph is interpreted with the backend's own kernels.
 *
 * @example
 * ```ts
 * import { interpreter, registerExecutor } from "@layerwise/autodiff";
 *
 * registerExecutor("cpu", interpreter); // what `compile` does by default
 * ```
 */
export function registerExecutor(backend: string, executor: Executor): void {
  registry().set(backend, executor);
}

/** The executor registered for the active tfjs backend, if any. */
export const activeExecutor = (): Executor | undefined => registry().get(tf.getBackend());
