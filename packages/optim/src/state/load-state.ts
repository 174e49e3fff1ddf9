import { treeFlatten, treePaths, treeUnflatten } from "@layerwise/autodiff";
import type { DataType, ShapeMap, Tensor } from "@tensorflow/tfjs-core";
import { tensor } from "@tensorflow/tfjs-core";
import { checkSaved, type SavedState } from "./saved-state.ts";
import { StateMismatchError } from "./state-mismatch-error.ts";

/**
 * Makes the tensors of a saved state, in the structure of a state of the same optimizer.
 *
 * `like` comes from `init` with the parameters at hand; it is only looked at and stays yours, and so
 * does `saved`. Throws {@link StateMismatchError} with all paths that are missing, extra or of another
 * shape, and then has made no tensor.
 *
 * @example
 * ```ts
 * import { loadState, saveState, sgd } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const optimizer = sgd({ learningRate: 0.1, momentum: 0.9 });
 * const params = { w: tf.tensor1d([1, 2]) };
 * const { state } = optimizer.update(params, optimizer.init(params));
 * const saved = structuredClone(await saveState(state)); // through a worker, a database, …
 * const resumed = loadState(saved, optimizer.init(params));
 * const [a, b] = [state, resumed].map((s) => optimizer.update(params, s).updates.w.dataSync());
 * if (a?.join() !== b?.join()) throw new Error(`${a} ${b}`);
 * ```
 */
export function loadState<State>(saved: SavedState, like: State): State {
  checkSaved("loadState", saved);
  const { leaves, treedef } = treeFlatten<State, Tensor>(like);
  const paths = treePaths(like);
  const { entries } = saved;
  const missing = paths.filter((path) => !Object.hasOwn(entries, path));
  const known = new Set(paths);
  const extra = Object.keys(entries).filter((path) => !known.has(path));
  const misshaped = new Map<string, string>();
  paths.forEach((path, i) => {
    const [want, got] = [leaves[i], entries[path]];
    if (want === undefined || got === undefined || missing.includes(path)) return;
    const difference = `${describe(want)} expected, ${describe(got)} saved`;
    if (describe(want) !== describe(got)) misshaped.set(path, difference);
  });
  if (missing.length + extra.length + misshaped.size > 0) {
    throw new StateMismatchError("loadState", missing, extra, misshaped);
  }
  const tensors = paths.map((path) => {
    const { data, shape, dtype } = entries[path] as SavedState["entries"][string];
    // Some backends keep the array that they are given: a copy.
    return tensor(data.slice(), [...shape] as ShapeMap["R0"], dtype);
  });
  return treeUnflatten(treedef, tensors) as State;
}

function describe({ dtype, shape }: { dtype: DataType; shape: readonly number[] }): string {
  return `${dtype}[${shape}]`;
}
