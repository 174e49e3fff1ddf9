import * as tf from "@tensorflow/tfjs-core";
import { interpreter } from "../interpret/index.ts";
import { at, isFloat, range } from "../ir/shape.ts";
import type { Graph } from "../ir/types.ts";
import { optimize } from "../pass/index.ts";
import { linearizeGraph, transposeGraph } from "../transform/index.ts";
import { activeExecutor, type Executable } from "./executor.ts";

/** tfjs's engine where it accepts an operation with several results and a gradient of its own. */
interface TapeEngine {
  readonly state: { readonly activeTape: unknown; readonly kernelDepth: number };
  runKernelFunc(op: {
    forwardFunc: (backend: unknown, save: tf.GradSaveFunc) => tf.Tensor[];
    backwardsFunc: (dys: tf.Tensor[], saved: tf.Tensor[]) => Record<string, () => tf.Tensor>;
    inputs: Record<string, tf.Tensor>;
  }): tf.Tensor[];
}

/**
 * A graph together with what it takes to run it: optimized once, prepared once per tfjs backend.
 * Under tfjs's gradient tape it records itself as one operation whose gradient is the graph's own.
 */
export class Program {
  readonly #graph: Graph;
  readonly #donate: readonly number[];
  readonly #executables = new Map<string, Executable>();
  #optimized: Graph | undefined;
  #derivative: { readonly forward: Program; readonly backward: Program } | undefined;

  constructor(graph: Graph, donate: readonly number[] = []) {
    this.#graph = graph;
    this.#donate = donate;
  }

  /** The graph that runs. */
  get optimized(): Graph {
    this.#optimized ??= optimize(this.#graph);
    return this.#optimized;
  }

  #executable(): Executable {
    const backend = tf.getBackend();
    let executable = this.#executables.get(backend);
    if (executable === undefined) {
      const executor = activeExecutor() ?? interpreter;
      executable = executor(this.optimized, { donate: this.#donate });
      this.#executables.set(backend, executable);
    }
    return executable;
  }

  /** Runs on the active backend. */
  run(inputs: readonly tf.Tensor[]): tf.Tensor[] {
    const engine = tf.engine() as unknown as TapeEngine;
    const taped = engine.state.activeTape != null && engine.state.kernelDepth === 0;
    return taped ? this.#runOnTape(engine, inputs) : this.#executable().run(inputs);
  }

  /** Runs on the active backend; values that control flow needs are awaited. */
  runAsync(inputs: readonly tf.Tensor[]): Promise<tf.Tensor[]> {
    return this.#executable().runAsync(inputs);
  }

  /** Frees constants and plans of all backends. */
  dispose(): void {
    for (const executable of this.#executables.values()) executable.dispose();
    this.#executables.clear();
    this.#derivative?.forward.dispose();
    this.#derivative?.backward.dispose();
  }

  #runOnTape(engine: TapeEngine, inputs: readonly tf.Tensor[]): tf.Tensor[] {
    const { outputs } = this.#graph;
    const wrt = this.#graph.inputs.map((v) => isFloat(v.type.dtype));
    this.#derivative ??= derivativeOf(this.#graph, wrt);
    const { forward, backward } = this.#derivative;
    return engine.runKernelFunc({
      inputs: Object.fromEntries(inputs.map((x, i) => [i, x])),
      forwardFunc: (_, save) => {
        const results = forward.run(inputs);
        save(results.slice(outputs.length));
        return results.slice(0, outputs.length);
      },
      backwardsFunc: (dys, saved) => {
        // With one output tfjs passes its gradient bare; integer outputs get one that is not used.
        const list = Array.isArray(dys) ? dys : [dys];
        const cotangents = range(outputs.length)
          .filter((i) => isFloat(at(outputs, i).type.dtype))
          .map((i) => at(list, i));
        const grads = backward.run([...saved, ...cotangents]);
        let next = 0;
        const entries = inputs.map((x, i): [string, () => tf.Tensor] => {
          const grad = wrt[i] ? at(grads, next++) : undefined;
          return [`${i}`, () => grad ?? tf.zeros(x.shape)];
        });
        return Object.fromEntries(entries);
      },
    });
  }
}

function derivativeOf(graph: Graph, wrt: readonly boolean[]) {
  const { primal, linear, numResiduals } = linearizeGraph(graph, wrt);
  const transposed = transposeGraph(linear, numResiduals);
  return { forward: new Program(primal), backward: new Program(transposed) };
}
