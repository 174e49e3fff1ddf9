import * as tf from "@tensorflow/tfjs-core";
import { activeExecutor, type Executable } from "../execute/executor.ts";
import { interpreter } from "../interpret/index.ts";
import { at, isFloat, range } from "../ir/shape.ts";
import type { Graph } from "../ir/types.ts";
import { optimize } from "../pass/index.ts";
import { linearizeGraph, transposeGraph, vjpGraph } from "../transform/index.ts";

/** tfjs's engine where it accepts an operation with several results and a gradient of its own. */
interface TapeEngine {
  readonly state: { readonly gradientDepth: number; readonly kernelDepth: number };
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
  // Keyed by the backend object, not its name: after a lost device another one takes the name.
  readonly #executables = new Map<object, Executable>();
  #disposed = false;
  #optimized: Graph | undefined;
  #derivative: Derivative | undefined;
  #pullback: Program | undefined;

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
    const backend = tf.backend();
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
    const { gradientDepth, kernelDepth } = engine.state;
    const taped = gradientDepth > 0 && kernelDepth === 0;
    return taped ? this.#runOnTape(engine, inputs) : this.#runNow(inputs);
  }

  #runNow(inputs: readonly tf.Tensor[]): tf.Tensor[] {
    const results = this.#executable().run(inputs);
    // tfjs's tape may run the derivative of a program that is gone already; nobody will free it again.
    if (this.#disposed) this.dispose();
    return results;
  }

  /** Runs on the active backend; values that control flow needs are awaited. */
  runAsync(inputs: readonly tf.Tensor[]): Promise<tf.Tensor[]> {
    return this.#executable().runAsync(inputs);
  }

  /** Frees constants and plans of all backends. */
  dispose(): void {
    this.#disposed = true;
    for (const executable of this.#executables.values()) executable.dispose();
    this.#executables.clear();
    this.#derivative?.forward.dispose();
    this.#derivative?.backward.dispose();
    this.#pullback?.dispose();
  }

  /** Runs forward, and saves what the program that `backward` names needs besides cotangents. */
  #forward(inputs: readonly tf.Tensor[], nested: boolean) {
    const count = this.#graph.outputs.length;
    const wrt = this.#graph.inputs.map((v) => isFloat(v.type.dtype));
    // A derivative of the derivative must see that residuals depend on the inputs: where one may be
    // taken, the inputs are saved and residuals computed again. tfjs's tape connects saved inputs
    // with the inputs, but not results saved (its issue #3252).
    if (nested) {
      this.#pullback ??= new Program(pullbackGraph(this.#graph, wrt));
      return { outputs: this.#runNow(inputs), saved: inputs, backward: this.#pullback };
    }
    this.#derivative ??= derivativeOf(this.#graph, wrt);
    const results = this.#derivative.forward.run(inputs);
    return {
      outputs: results.slice(0, count),
      saved: results.slice(count),
      backward: this.#derivative.backward,
    };
  }

  #runOnTape(engine: TapeEngine, inputs: readonly tf.Tensor[]): tf.Tensor[] {
    const nested = engine.state.gradientDepth > 1;
    let backward: Program | undefined;
    return engine.runKernelFunc({
      inputs: Object.fromEntries(inputs.map((x, i) => [i, x])),
      forwardFunc: (_, save) => {
        const run = this.#forward(inputs, nested);
        save([...run.saved]);
        backward = run.backward;
        return run.outputs;
      },
      backwardsFunc: (dys, saved) => {
        const { inputs: leaves, outputs } = this.#graph;
        // With one output tfjs passes its gradient bare; integer outputs get one that is not used.
        const list = Array.isArray(dys) ? dys : [dys];
        const cotangents = range(outputs.length)
          .filter((i) => isFloat(at(outputs, i).type.dtype))
          .map((i) => at(list, i));
        const grads = (backward as Program).run([...saved, ...cotangents]);
        let next = 0;
        const entries = inputs.map((x, i): [string, () => tf.Tensor] => {
          const grad = isFloat(at(leaves, i).type.dtype) ? at(grads, next++) : undefined;
          return [`${i}`, () => grad ?? tf.zeros(x.shape)];
        });
        return Object.fromEntries(entries);
      },
    });
  }
}

interface Derivative {
  /** (inputs…) → (outputs…, residuals…). */
  readonly forward: Program;
  /** (residuals…, cotangents…) → cotangents of the float inputs. */
  readonly backward: Program;
}

function derivativeOf(graph: Graph, wrt: readonly boolean[]): Derivative {
  const { primal, linear, numResiduals } = linearizeGraph(graph, wrt);
  const transposed = transposeGraph(linear, numResiduals);
  return { forward: new Program(primal), backward: new Program(transposed) };
}

/** (inputs…, cotangents…) → cotangents of the float inputs. */
function pullbackGraph(graph: Graph, wrt: readonly boolean[]): Graph {
  const both = vjpGraph(graph, wrt);
  return { ...both, outputs: both.outputs.slice(graph.outputs.length) };
}
