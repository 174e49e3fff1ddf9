import type { TensorTree } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { add } from "@tensorflow/tfjs-core";
import { checkLike } from "./check-like.ts";
import { mapTensors } from "./map.ts";

/**
 * Adds updates to parameters and returns the new parameters: θ ← θ + u.
 *
 * Throws when structures or shapes differ, naming the path, and for parameters of whole numbers, which
 * cannot be trained.
 *
 * @example
 * ```ts
 * import { applyUpdates, sgd } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const optimizer = sgd({ learningRate: 0.1 });
 * const params = { w: tf.tensor1d([1, 2]) };
 * const grads = { w: tf.tensor1d([10, 0]) };
 * const { updates } = optimizer.update(grads, optimizer.init(params), params);
 * const next = applyUpdates(params, updates); // w: [0, 2]
 * if (Math.abs(next.w.dataSync()[0] ?? 1) > 1e-6) throw new Error(String(next.w));
 * ```
 */
export function applyUpdates<Params extends TensorTree>(
  params: Params,
  updates: TensorTree,
): Params {
  checkLike("applyUpdates: updates", updates, params);
  return mapTensors(sumOfDtype, params, updates);
}

function sumOfDtype(param: Tensor, update: Tensor): Tensor {
  // Else the sum would be float32, and the parameters of the next step of another type.
  if (param.dtype === update.dtype) return add(param, update);
  throw new Error(`applyUpdates: expected ${update.dtype} parameters, got ${param.dtype}`);
}
