import {
  type TensorTree,
  treeLeaves,
  treeMapWithPath,
  treePaths,
  treeTidy,
} from "@layerwise/autodiff";
import type { NamedTensor } from "@layerwise/data";
import * as tf from "@tensorflow/tfjs-core";

/** The values of a tree of tensors by path. */
export type TreeArrays = { readonly [path: string]: NamedTensor };

/**
 * Reads a tree of tensors back from the device, to be kept in a file or sent to a worker.
 *
 * Names are the paths in the tree. float32, int32 and bool tensors.
 *
 * @example
 * ```ts
 * import { encodeSafetensors, parseSafetensors } from "@layerwise/data";
 * import { treeFromArrays, treeToArrays } from "@layerwise/pretrain";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const params = { hidden: { kernel: tf.ones([4, 3]), bias: tf.zeros([3]) } };
 * const file = encodeSafetensors({ tensors: await treeToArrays(params) });
 * const { tensors } = parseSafetensors(file);
 * const again = treeFromArrays(params, tensors, "weights.safetensors");
 * if (again.hidden.kernel.dataSync().join() !== Array(12).fill(1).join()) throw new Error("lost");
 * ```
 */
export async function treeToArrays(tree: TensorTree): Promise<TreeArrays> {
  const paths = treePaths(tree);
  const leaves = treeLeaves<TensorTree, tf.Tensor>(tree);
  const read = async (x: tf.Tensor): Promise<NamedTensor> => {
    const { dtype, shape } = x;
    return { dtype, shape, data: (await x.data()).slice() } as NamedTensor;
  };
  const arrays = await Promise.all(leaves.map(read));
  return Object.fromEntries(paths.map((path, i) => [path, arrays[i] as NamedTensor]));
}

/**
 * Makes a tree with the structure of `like` and values by path. Arrays that `like` does not have are
 * ignored.
 *
 * @param name What errors call the source of the arrays, such as the file's name.
 * @throws Error that names the path, where an array is missing or has another shape or data type.
 */
export function treeFromArrays<T extends TensorTree>(like: T, arrays: TreeArrays, name: string): T {
  const make = (path: string, x: tf.Tensor): tf.Tensor => {
    const found = arrays[path];
    const wanted = `expected ${path} ${x.dtype} [${x.shape.join(", ")}]`;
    if (found === undefined) {
      throw new Error(`${name}: ${wanted}, found ${Object.keys(arrays).join(", ") || "nothing"}`);
    }
    const { dtype, shape, data } = found;
    if (dtype !== x.dtype || `${shape}` !== `${x.shape}`) {
      throw new Error(`${name}: ${wanted}, found ${dtype} [${shape.join(", ")}]`);
    }
    return tf.tensor(data.slice() as Float32Array, [...shape], x.dtype);
  };
  return treeTidy(() => treeMapWithPath<TensorTree, tf.Tensor, [], tf.Tensor>(make, like) as T);
}
