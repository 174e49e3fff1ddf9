import { treeFlatten, treeUnflatten } from "@layerwise/autodiff";
import * as tf from "@tensorflow/tfjs-core";

/** The same tree on the active backend. */
export const moved = <T>(tree: T): T => {
  const { leaves, treedef } = treeFlatten<T, tf.Tensor>(tree);
  const copies = leaves.map((x) => tf.tensor(x.dataSync(), x.shape, x.dtype));
  return treeUnflatten(treedef, copies) as T;
};
