import { treeLeaves, treePaths } from "@layerwise/autodiff";
import * as tf from "@tensorflow/tfjs-core";

const quoted = (path: string): string => (path === "" ? "" : ` "${path}"`);

/** Throws where a tensor of a tree is disposed; `name` says whose tree it is: `fit: data`. */
export function checkAlive(name: string, tree: unknown): void {
  const leaves = treeLeaves<unknown, tf.Tensor>(tree);
  const index = leaves.findIndex((leaf) => leaf.isDisposed);
  const found = leaves[index];
  if (found === undefined) return;
  throw new Error(`${name}${quoted(treePaths(tree)[index] ?? "")} [${found.shape}] is disposed`);
}

/** Throws unless `labels` are int32 class numbers [n] below `classes`, one for each row of `x`. */
export async function checkLabels(
  name: string,
  labels: tf.Tensor,
  x: tf.Tensor,
  classes: number,
): Promise<void> {
  const count = x.shape[0] ?? 0;
  if (`${labels.shape}` !== `${count}`) {
    const shape = (t: tf.Tensor): string => `[${t.shape.join(", ")}]`;
    const given = `x ${shape(x)} and labels ${shape(labels)}`;
    throw new Error(`${name}: expected labels [${count}], got ${given}`);
  }
  if (labels.dtype !== "int32") {
    throw new Error(`${name}: expected int32 labels, got ${labels.dtype}`);
  }
  // A one-hot row of a class that does not exist is all zeros: no error there, and no gradient.
  let [low, high] = [Infinity, -Infinity];
  for (const label of await labels.data()) {
    low = Math.min(low, label);
    high = Math.max(high, label);
  }
  if (low < 0 || high >= classes) {
    throw new Error(`${name}: expected labels 0 to ${classes - 1}, got ${low} … ${high}`);
  }
}

/** Throws where `x` has values outside a range that a loss needs. */
export async function checkInputRange(
  name: string,
  x: tf.Tensor,
  [least, most]: readonly [number, number],
): Promise<void> {
  if (x.size === 0) return;
  // Rows first: as one reduction, all of MNIST would be the work of a single GPU workgroup.
  const ends = tf.tidy(() => {
    const numbers = tf.cast(x, "float32");
    return tf.stack([tf.min(tf.min(numbers, -1)), tf.max(tf.max(numbers, -1))]);
  });
  try {
    const [low = NaN, high = NaN] = await ends.data();
    if (low >= least && high <= most) return;
    throw new Error(`${name} in [${least}, ${most}], got ${low} … ${high}`);
  } finally {
    ends.dispose();
  }
}

/** Throws unless epochs and batch size are numbers to train with; `where` names the phase. */
export function checkSchedule(where: string, epochs: unknown, batchSize: unknown): void {
  const wrong = (wanted: string, got: unknown): Error =>
    new Error(`fit: expected ${wanted}, got ${got} (${where})`);
  if (!Number.isSafeInteger(epochs) || (epochs as number) < 0) {
    throw wrong("epochs to be an integer >= 0", epochs);
  }
  if (!Number.isSafeInteger(batchSize) || (batchSize as number) < 1) {
    throw wrong("batchSize to be an integer >= 1", batchSize);
  }
}
