import type { Settings } from "./settings.ts";

/** How a network is begun. */
export type Condition = "without" | "with" | "control";

/** Names of the conditions, in the order of tables and charts. */
export const conditions: Readonly<Record<Condition, string>> = {
  without: "without pre-training",
  with: "with pre-training",
  control: "ReLU + He, no pre-training",
};

/** One piece of work for one thread. */
export type Job =
  | { readonly kind: "pretrain" }
  | { readonly kind: "train"; readonly condition: Condition; readonly depth: number };

/** Names a job in messages. */
export const describeJob = (job: Job): string =>
  job.kind === "pretrain" ? "pre-training" : `depth ${job.depth}, ${conditions[job.condition]}`;

/**
 * All jobs: the layers are pre-trained once, as those below do not depend on how many will be above,
 * then every network. The longest come first, so that no thread is left with a long one at the end.
 */
export function jobsOf(settings: Settings): readonly Job[] {
  const depths = Array.from({ length: settings.depth }, (_, i) => settings.depth - i);
  const order: readonly Condition[] = ["with", "without", "control"];
  return [
    { kind: "pretrain" },
    ...depths.flatMap((depth) =>
      order.map((condition): Job => ({ kind: "train", condition, depth })),
    ),
  ];
}

/** Updates of one training with labels. */
export const updatesOf = ({ train, batchSize, epochs }: Settings): number =>
  Math.ceil(train / batchSize) * epochs;

/** Updates of pre-training all layers. */
export const unlabelledUpdatesOf = ({
  train,
  batchSize,
  pretrainEpochs,
  depth,
}: Settings): number => Math.ceil(train / batchSize) * pretrainEpochs * depth;

/** Multiplications of pre-training one layer, or of training to a depth: what progress is counted in. */
export const layerWork = (settings: Settings, layer: number): number => {
  const { train, units, pretrainEpochs } = settings;
  // A tied autoencoder: two products forward, three backward.
  return 5 * train * pretrainEpochs * (layer === 0 ? PIXELS : units) * units;
};

/** Multiplications of a job. */
export function workOf(settings: Settings, job: Job): number {
  const { train, test, units, epochs, depth } = settings;
  if (job.kind === "pretrain") {
    return Array.from({ length: depth }, (_, i) => layerWork(settings, i)).reduce((a, b) => a + b);
  }
  const first = PIXELS * units;
  const rest = (job.depth - 1) * units * units;
  // Forward, backward to weights, backward to inputs (which the first layer does not need), and the test.
  return epochs * (train * (2 * first + 3 * rest) + test * (first + rest));
}

const PIXELS = 784;
