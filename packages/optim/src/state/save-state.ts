import { treeLeaves, treePaths } from "@layerwise/autodiff";
import { Tensor } from "@tensorflow/tfjs-core";
import { ARRAYS, FORMAT, type SavedState, type SavedTensor, VERSION } from "./saved-state.ts";

/**
 * Reads the tensors of a state (or of any tree) into plain data, bit for bit.
 *
 * The data shares no memory with the tensors, which must live until the promise has resolved. `info`
 * takes what belongs to it, say the optimizer's name: values that JSON can hold.
 *
 * @example
 * ```ts
 * import { adam, loadState, saveState } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const params = { w: tf.tensor1d([1, 2]) };
 * const optimizer = adam({ learningRate: 0.1 });
 * const { state } = optimizer.update(params, optimizer.init(params));
 * const saved = await saveState(state, { optimizer: "adam" });
 * const again = loadState(saved, optimizer.init(params));
 * if (again[0].count.dataSync()[0] !== 1) throw new Error(String(again[0].count));
 * ```
 */
export async function saveState(
  state: unknown,
  info: Readonly<Record<string, unknown>> = {},
): Promise<SavedState> {
  const paths = treePaths(state);
  const leaves = treeLeaves<unknown, unknown>(state);
  paths.forEach((path, i) => {
    if (paths.indexOf(path) !== i) {
      throw new Error(`saveState: two tensors have the path ${JSON.stringify(path)}`);
    }
  });
  const entries = await Promise.all(leaves.map((leaf, i) => readTensor(paths[i] ?? "", leaf)));
  return {
    format: FORMAT,
    version: VERSION,
    entries: Object.fromEntries(entries.map((entry, i) => [paths[i], entry])),
    info,
  };
}

async function readTensor(path: string, leaf: unknown): Promise<SavedTensor> {
  const dtype = leaf instanceof Tensor ? leaf.dtype : typeof leaf;
  if (!(leaf instanceof Tensor) || !Object.hasOwn(ARRAYS, dtype)) {
    const known = Object.keys(ARRAYS).join(", ");
    const at = JSON.stringify(path);
    throw new Error(`saveState: expected a tensor of ${known} at ${at}, got ${dtype}`);
  }
  const shape = [...leaf.shape];
  // Some backends give out their own array: a copy, of exactly these values.
  const data = (await leaf.data()).slice();
  return { dtype, shape, data } as SavedTensor;
}
