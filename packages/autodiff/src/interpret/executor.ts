import type { Executor } from "../execute/executor.ts";
import { prepare } from "./plan.ts";

/**
 * The executor of every tfjs backend that has none of its own: runs a graph with the backend's
 * kernels, one after another. Intermediates are freed after their last use, donated inputs too.
 * What the backend has no kernel for is computed on the host; where that has to be read
 * asynchronously (`while` on WebGPU), `run` throws an error that names the step and `runAsync` works.
 *
 * @example
 * ```ts
 * import { Builder, interpreter } from "@layerwise/autodiff";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const b = new Builder();
 * const x = b.input({ shape: [2], dtype: "f32" });
 * const negate = interpreter(b.finish([b.neg(x)]), { donate: [] });
 * const [y] = negate.run([tf.tensor1d([1, 2])]);
 * negate.dispose();
 * if (y?.dataSync()[1] !== -2) throw new Error("expected -2");
 * ```
 */
export const interpreter: Executor = (graph, { donate }) => prepare(graph, { donate });
