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
   * - `conv`: 3×3 convolutions of stride 2 on 28×28 images, relu, and transposed ones back, sigmoid at the end;
   *   mean squared error.
   * - `rbm`: one step of contrastive divergence with given noise; the loss is the squared error of the
   *   reconstruction.
   */
  readonly kind: "autoencoder" | "tied" | "mlp" | "conv" | "rbm";
  /** Widths from the input on; of `conv` the channels, from the image to the code. */
  readonly sizes: readonly number[];
  readonly batch: number;
  readonly optimizer: OptimizerSettings;
  /** Steps that one contestant takes in one round, unless its turn gets too long. */
  readonly steps: number;
  /** Steps whose losses must agree. */
  readonly checked: number;
  /** Batches in one call of `model.fit`, which then is the step; times are per batch. */
  readonly fit?: number;
}

const adam = { kind: "adam", learningRate: 1e-3, b1: 0.9, b2: 0.999, eps: 1e-7 } as const;
const sgd = (learningRate: number) => ({ kind: "sgd", learningRate }) as const;

const BATCHES = [20, 128, 1024] as const;
const steps = { 20: 15, 128: 4, 1024: 1 } as const;
const checked = { 20: 20, 128: 20, 1024: 3 } as const;

const autoencoders = BATCHES.map(
  (batch): Workload => ({
    name: batch === 128 ? "ae" : `ae-b${batch}`,
    title: `autoencoder 784-500-784, MSE, Adam, batch ${batch}`,
    kind: "autoencoder",
    sizes: [784, 500, 784],
    batch,
    optimizer: adam,
    steps: steps[batch],
    checked: checked[batch],
  }),
);

const classifiers = BATCHES.map(
  (batch): Workload => ({
    name: `mlp500-b${batch}`,
    title: `classifier 784-500-500-500-10, softmax cross-entropy, Adam, batch ${batch}`,
    kind: "mlp",
    sizes: [784, 500, 500, 500, 10],
    batch,
    optimizer: adam,
    steps: steps[batch],
    checked: checked[batch],
  }),
);

export const workloads: readonly Workload[] = [
  ...autoencoders,
  {
    name: "tied",
    title: "tied denoising autoencoder 784-300, cross-entropy, SGD, batch 20",
    kind: "tied",
    sizes: [784, 300],
    batch: 20,
    optimizer: sgd(0.1),
    steps: 20,
    checked: 20,
  },
  {
    name: "mlp",
    title: "classifier 784-300-300-300-10, softmax cross-entropy, SGD, batch 20",
    kind: "mlp",
    sizes: [784, 300, 300, 300, 10],
    batch: 20,
    optimizer: sgd(0.5),
    steps: 20,
    checked: 20,
  },
  ...classifiers,
  {
    name: "deep",
    title: "deep autoencoder 784-1000-500-250-30-250-500-1000-784, MSE, Adam, batch 128",
    kind: "autoencoder",
    sizes: [784, 1000, 500, 250, 30, 250, 500, 1000, 784],
    batch: 128,
    optimizer: adam,
    steps: 2,
    checked: 5,
  },
  {
    name: "conv",
    title: "convolutional autoencoder 28×28×1, 3×3×16 and 3×3×32 of stride 2, MSE, Adam, batch 128",
    kind: "conv",
    sizes: [1, 16, 32],
    batch: 128,
    optimizer: adam,
    steps: 3,
    checked: 5,
  },
  {
    name: "rbm",
    title: "restricted Boltzmann machine 784-500, CD-1, batch 20 (on tfjs: plain tfjs-core)",
    kind: "rbm",
    sizes: [784, 500],
    batch: 20,
    optimizer: sgd(0.1),
    steps: 15,
    checked: 20,
  },
  {
    name: "tiny",
    title: "autoencoder 16-8-16, MSE, Adam, batch 20: nothing but overhead",
    kind: "autoencoder",
    sizes: [16, 8, 16],
    batch: 20,
    optimizer: adam,
    steps: 50,
    checked: 20,
  },
  {
    name: "fit",
    title: "`model.fit` of a classifier 784-500-500-10, Adam, batch 128; per batch",
    kind: "mlp",
    sizes: [784, 500, 500, 10],
    batch: 128,
    optimizer: adam,
    steps: 1,
    checked: 3,
    fit: 10,
  },
];
