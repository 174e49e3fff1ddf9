/** An optimizer with its settings, spelled out so that no contestant falls back on its own defaults. */
export type OptimizerSettings =
  | { readonly kind: "sgd"; readonly learningRate: number }
  | {
      readonly kind: "adam";
      readonly learningRate: number;
      readonly b1: number;
      readonly b2: number;
      readonly eps: number;
    };

/** A model, its loss and its optimizer: one training step to be timed. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  /**
   * - `autoencoder`: sigmoid layers, mean squared error over all elements.
   * - `tied`: one sigmoid layer and its transpose, cross-entropy from logits, summed over features, mean over the
   *   batch; the input comes corrupted.
   * - `mlp`: sigmoid layers, a linear one, softmax cross-entropy from logits, mean over the batch.
   */
  readonly kind: "autoencoder" | "tied" | "mlp";
  /** Widths from the input on. */
  readonly sizes: readonly number[];
  readonly batch: number;
  readonly optimizer: OptimizerSettings;
  /** Steps that one contestant takes in one round. */
  readonly steps: number;
}

const adam = { kind: "adam", learningRate: 1e-3, b1: 0.9, b2: 0.999, eps: 1e-7 } as const;

export const workloads: readonly Workload[] = [
  {
    name: "ae",
    title: "autoencoder 784-500-784, MSE, Adam, batch 128",
    kind: "autoencoder",
    sizes: [784, 500, 784],
    batch: 128,
    optimizer: adam,
    steps: 5,
  },
  {
    name: "tied",
    title: "tied denoising autoencoder 784-300, cross-entropy, SGD, batch 20",
    kind: "tied",
    sizes: [784, 300],
    batch: 20,
    optimizer: { kind: "sgd", learningRate: 0.1 },
    steps: 20,
  },
  {
    name: "mlp",
    title: "classifier 784-300-300-300-10, softmax cross-entropy, SGD, batch 20",
    kind: "mlp",
    sizes: [784, 300, 300, 300, 10],
    batch: 20,
    optimizer: { kind: "sgd", learningRate: 0.5 },
    steps: 20,
  },
  {
    name: "tiny",
    title: "autoencoder 16-8-16, MSE, Adam, batch 20: nothing but overhead",
    kind: "autoencoder",
    sizes: [16, 8, 16],
    batch: 20,
    optimizer: adam,
    steps: 50,
  },
];
