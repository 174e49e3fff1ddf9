import * as tf from "@tensorflow/tfjs-core";
import type { Graph } from "../ir/types.ts";
import { currentSession } from "../trace/session.ts";
import { type Trace, trace } from "../trace/trace.ts";
import {
  type TreeDef,
  treedefPaths,
  treeFlatten,
  treeFlattenLike,
  treeUnflatten,
} from "../tree/index.ts";
import { Program } from "./program.ts";

/** Options of {@link compile}. */
export interface CompileOptions {
  /**
   * Positions of arguments that the call consumes: their tensors are disposed and their memory may be
   * reused for the results. Use it for parameters and optimizer state that a step replaces. A donated
   * tensor must not be a second argument or a captured tensor too. When a call throws, some of them may
   * be gone. Default: none.
   */
  readonly donate?: readonly number[];
}

/** A compiled function: called like the original, plus what one may ask of it. */
export interface Compiled<A extends readonly unknown[], R> {
  (...args: A): R;
  /** The same for functions whose control flow must read values back from the device. */
  async(...args: A): Promise<R>;
  /** The optimized graph for the given arguments. */
  graph(...args: A): Graph;
  /** Number of different argument structures, shapes and dtypes traced so far. */
  readonly traces: number;
  /** Frees constants and plans. The function can still be called; it is then compiled anew. */
  dispose(): void;
}

interface Entry {
  readonly trace: Trace;
  readonly program: Program;
}

/**
 * Traces `fn` once per structure, shapes and dtypes of its arguments, optimizes the graph, and
 * replays it on every further call: no tfjs op runs in JavaScript any more.
 *
 * Arguments and results are trees of tensors. The graph runs on the executor registered for the
 * active tfjs backend, or is interpreted with that backend's kernels. Tensors that `fn` closes over
 * are read at every call and must stay alive; variables that it assigns are assigned after the run.
 * Inside another trace the function is inlined; under `tf.grad` it differentiates as one operation.
 *
 * Throws for leaves that are no tensors (pass numbers as `tf.scalar`), and whatever {@link trace} throws.
 *
 * @example
 * ```ts
 * import { compile, grad } from "@layerwise/autodiff";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const step = compile((w: tf.Tensor, x: tf.Tensor) => {
 *   const loss = (v: tf.Tensor) => tf.mean(tf.square(tf.sub(tf.dot(x, v), 1)));
 *   return tf.sub(w, tf.mul(0.1, grad(loss)(w)));
 * });
 * const w = step(tf.zeros([2]), tf.tensor2d([[1, 2]]));
 * if (Math.abs((w.arraySync() as number[])[1]! - 0.4) > 1e-6) throw new Error(`${w}`);
 * ```
 */
export function compile<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
  options: CompileOptions = {},
): Compiled<A, R> {
  const cache = new Map<string, Entry>();
  const donate = options.donate ?? [];
  let last: TreeDef | undefined;

  const lookUp = (args: A): { entry: Entry; leaves: tf.Tensor[]; donated: tf.Tensor[] } => {
    const { leaves, treedef } = flattenTensors(args, last);
    last = treedef;
    const key = cacheKey(treedef, leaves);
    let entry = cache.get(key);
    if (entry === undefined) {
      const traced = trace(fn, args);
      const positions = donatedLeaves(args, donate, traced.captures.length);
      entry = { trace: traced, program: new Program(traced.graph, positions) };
      cache.set(key, entry);
    }
    const donated = donate.flatMap((i) => treeFlatten<unknown, tf.Tensor>(args[i] ?? null).leaves);
    checkDonated(donated, [...entry.trace.captures, ...leaves]);
    return { entry, leaves, donated };
  };

  const finish = ({ trace: t }: Entry, outputs: tf.Tensor[], donated: readonly tf.Tensor[]): R => {
    const results = outputs.slice(0, t.output.leafCount);
    t.assigned.forEach((variable, i) => {
      const value = outputs[t.output.leafCount + i] as tf.Tensor;
      variable.assign(value);
      value.dispose();
    });
    for (const x of donated) x.dispose();
    return treeUnflatten(t.output, results) as R;
  };

  const inputsOf = ({ trace: t }: Entry, leaves: readonly tf.Tensor[]): tf.Tensor[] => {
    const gone = t.captures.find((x) => x.isDisposed);
    if (gone !== undefined) {
      throw new Error(
        `compile: a tensor [${gone.shape}] that the function closes over was disposed; ` +
          "keep it alive with tf.keep, or pass it as an argument",
      );
    }
    return [...t.captures, ...leaves];
  };

  const call = (...args: A): R => {
    if (currentSession() !== undefined) return fn(...args);
    const { entry, leaves, donated } = lookUp(args);
    return finish(entry, entry.program.run(inputsOf(entry, leaves)), donated);
  };

  return Object.defineProperties(call, {
    async: {
      value: async (...args: A): Promise<R> => {
        if (currentSession() !== undefined) {
          throw new Error(
            "compile: the asynchronous call cannot be traced; call the function itself",
          );
        }
        const { entry, leaves, donated } = lookUp(args);
        return finish(entry, await entry.program.runAsync(inputsOf(entry, leaves)), donated);
      },
    },
    graph: { value: (...args: A): Graph => lookUp(args).entry.program.optimized },
    traces: { get: () => cache.size },
    dispose: {
      value: (): void => {
        for (const entry of cache.values()) entry.program.dispose();
        cache.clear();
      },
    },
  }) as unknown as Compiled<A, R>;
}

// Most calls have the structure of the last one; then nothing is described anew.
function flattenTensors(args: readonly unknown[], last: TreeDef | undefined) {
  const known = last && treeFlattenLike<readonly unknown[], tf.Tensor>(last, args);
  const { leaves, treedef } =
    known && last
      ? { leaves: known, treedef: last }
      : treeFlatten<readonly unknown[], tf.Tensor>(args);
  leaves.forEach((leaf: unknown, i) => {
    const path = (): string => `argument ${treedefPaths(treedef)[i]}`;
    if (!(leaf instanceof tf.Tensor)) {
      const given = typeof leaf === "object" && leaf !== null ? leaf.constructor.name : typeof leaf;
      throw new Error(
        `compile: expected a tensor at ${path()}, got ${given}; pass a number as tf.scalar(number), ` +
          "a seed as random.key(seed), an array as tf.tensor(array), or close over what never changes",
      );
    }
    if (leaf.isDisposed) {
      throw new Error(
        `compile: the tensor [${leaf.shape}] at ${path()} is disposed; arguments named in donate ` +
          "are disposed by the call they were passed to",
      );
    }
  });
  return { leaves, treedef };
}

function checkDonated(donated: readonly tf.Tensor[], inputs: readonly tf.Tensor[]): void {
  if (donated.length === 0 || new Set(inputs).size === inputs.length) return;
  const twice = donated.find((x) => inputs.indexOf(x) !== inputs.lastIndexOf(x));
  if (twice === undefined) return;
  throw new Error(
    `compile: a donated tensor [${twice.shape}] is also another argument or captured by the ` +
      "function; pass tf.clone of it in one of the places",
  );
}

const cacheKey = (treedef: TreeDef, leaves: readonly tf.Tensor[]): string => {
  let { key } = treedef;
  for (const x of leaves) key += ` ${x.dtype}[${x.shape}]`;
  return key;
};

function donatedLeaves(
  args: readonly unknown[],
  donate: readonly number[],
  offset: number,
): number[] {
  const counts = args.map((arg) => treeFlatten(arg).leaves.length);
  return donate.flatMap((position) => {
    if (!(position in args)) {
      throw new Error(`compile: donate names argument ${position}, the call has ${args.length}`);
    }
    const start = counts.slice(0, position).reduce((n, c) => n + c, offset);
    return Array.from({ length: counts[position] ?? 0 }, (_, i) => start + i);
  });
}
