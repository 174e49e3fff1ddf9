import { engine, type Tensor, type TensorInfo } from "@tensorflow/tfjs-core";
import { at, sameShape, showType } from "../ir/shape.ts";
import type { Graph, OpName } from "../ir/types.ts";
import { expandLinearCalls } from "../transform/linear-call.ts";
import { ConstantPool } from "./constant-pool.ts";
import { lowerGraph } from "./lower-graph.ts";
import { execute, executeAsync, type Program } from "./program.ts";
import { tfType } from "./ref.ts";
import { targetOf } from "./target.ts";

/** What one run of a plan costs. */
export interface PlanStats {
  /** Kernels launched; a loop counts its body once. */
  readonly kernels: number;
  /** Most bytes of intermediates, results and donated inputs alive at one time. */
  readonly peakBytes: number;
  /** Bytes of constants that the plan keeps. */
  readonly constantBytes: number;
  /** Operations for which the backend has no kernels, computed on the host. */
  readonly onHost: readonly OpName[];
}

/** A graph made ready to run on one tfjs backend. */
export interface Plan {
  /** Runs once. Borrows `inputs`; the results belong to the active tidy scope. */
  run(inputs: readonly TensorInfo[]): Tensor[];
  /** The same, waiting for values where the backend cannot be read synchronously. */
  runAsync(inputs: readonly TensorInfo[]): Promise<Tensor[]>;
  /** Frees the constants. */
  dispose(): void;
  readonly stats: PlanStats;
}

/** How to prepare a graph. */
export interface PrepareOptions {
  /** Name of an initialised tfjs backend; by default the active one. */
  readonly backend?: string | undefined;
  /** Positions of inputs that the plan disposes as soon as it no longer needs them. */
  readonly donate?: readonly number[] | undefined;
}

const check = (graph: Graph, inputs: readonly TensorInfo[]): void => {
  if (inputs.length !== graph.inputs.length) {
    throw new Error(`interpreter: expected ${graph.inputs.length} inputs, got ${inputs.length}`);
  }
  graph.inputs.forEach(({ type }, i) => {
    const { shape, dtype } = at(inputs, i);
    if (!sameShape(type.shape, shape) || tfType(type.dtype) !== dtype) {
      const given = `${dtype}[${shape.join(",")}]`;
      throw new Error(`interpreter: input ${i}: expected ${showType(type)}, got ${given}`);
    }
  });
};

/**
 * Lowers a graph to a list of kernels of a tfjs backend with all shapes, attributes and lifetimes
 * computed, so that a run only launches kernels and frees buffers.
 */
export const prepare = (graph: Graph, options: PrepareOptions = {}): Plan => {
  const target = targetOf(options.backend);
  const { backend } = target;
  const pool = new ConstantPool(target);
  let program: Program;
  try {
    program = lowerGraph(expandLinearCalls(graph), target, pool, options.donate ?? []);
  } catch (error) {
    pool.dispose();
    throw error;
  }
  pool.sweep();
  const wrap = (infos: readonly TensorInfo[]): Tensor[] =>
    infos.map((info) => engine().makeTensorFromTensorInfo(info, backend));
  return {
    run: (inputs) => {
      check(graph, inputs);
      return wrap(execute(backend, program, inputs));
    },
    runAsync: async (inputs) => {
      check(graph, inputs);
      return wrap(await executeAsync(backend, program, inputs));
    },
    dispose: () => pool.dispose(),
    stats: {
      kernels: program.kernels,
      peakBytes: program.peakBytes,
      constantBytes: pool.bytes,
      onHost: pool.hostOps,
    },
  };
};
