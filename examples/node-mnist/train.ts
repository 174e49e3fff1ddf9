// The study itself: what one thread does for one job. The rest of this folder shares out the jobs and shows the results.
import { random, type TensorTree, treeDispose } from "@layerwise/autodiff";
import {
  type Autoencoder,
  type AutoencoderVariables,
  denoisingAutoencoder,
  masking,
} from "@layerwise/autoencoders";
import { imagesTensor, type LabelledImages, labelsTensor } from "@layerwise/data";
import { activation, dense, heUniform, type Layer, sequential } from "@layerwise/layers";
import { sgd } from "@layerwise/optim";
import {
  classifier,
  DivergenceError,
  errorRate,
  type FitEvent,
  fineTune,
  finish,
  pretrainGreedy,
  type Signal,
  type TreeArrays,
  treeFromArrays,
  treeToArrays,
  withPretrained,
} from "@layerwise/pretrain";
import * as tf from "@tensorflow/tfjs-core";
import { type Condition, type Job, layerWork, workOf } from "./jobs.ts";
import type { Settings } from "./settings.ts";

/** The digits, in main memory. */
export interface Digits {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
}

/** The digits on the device. */
export interface Tensors {
  readonly x: tf.Tensor;
  readonly labels: tf.Tensor;
  readonly testX: tf.Tensor;
  readonly testLabels: tf.Tensor;
}

/** Rows of images, [rows][784]. */
export type Images = readonly Float32Array[];

/** What pre-training gives. */
export interface Pretrained {
  readonly kind: "pretrain";
  /** Layers that were trained to the end. */
  readonly layers: number;
  /** Weights of these layers by path. */
  readonly weights: TreeArrays;
  /** Mean reconstruction loss of each epoch of each layer. */
  readonly losses: readonly (readonly number[])[];
  readonly filters: Images;
  /** Test digits: as they are, with inputs taken away, and what the layers make of these. */
  readonly original: Images;
  readonly corrupted: Images;
  readonly byFirst: Images;
  readonly byAll: Images;
  readonly seconds: number;
}

/** What training with labels gives. */
export interface Trained {
  readonly kind: "train";
  readonly condition: Condition;
  readonly depth: number;
  /** Test error after each epoch, in percent. Shorter than asked for when the run was stopped. */
  readonly errors: readonly number[];
  readonly losses: readonly number[];
  /** Of the first layer, at the largest depth. */
  readonly filters: Images;
  /** Why training stopped, where the loss became infinite. */
  readonly diverged?: string;
  readonly seconds: number;
}

export type Result = Pretrained | Trained;

/** Copies the digits to the device. */
export const toDevice = ({ train, test }: Digits): Tensors => ({
  x: imagesTensor(train),
  labels: labelsTensor(train.labels),
  testX: imagesTensor(test),
  testLabels: labelsTensor(test.labels),
});

/** Does one job; `tell` hears the work done so far. */
export async function runJob(
  job: Job,
  settings: Settings,
  data: Tensors,
  pretrained: Pretrained | undefined,
  { signal, tell }: { readonly signal: Signal; readonly tell: (work: number) => void },
): Promise<Result> {
  const run = { settings, data, signal, tell, start: performance.now() };
  const result =
    job.kind === "pretrain"
      ? await pretrain(run)
      : await train(run, job.condition, job.depth, pretrained);
  return { ...result, seconds: (performance.now() - run.start) / 1000 };
}

interface Run {
  readonly settings: Settings;
  readonly data: Tensors;
  readonly signal: Signal;
  readonly tell: (work: number) => void;
}

const autoencoder = ({ units, corruption }: Settings): Autoencoder =>
  denoisingAutoencoder({ units, corruption: masking(corruption) });

async function pretrain({ settings, data, signal, tell }: Run): Promise<Pretrained> {
  const { seed, depth, batchSize, pretrainEpochs: epochs } = settings;
  const optimizer = sgd({ learningRate: settings.pretrainLearningRate });
  const layer = { autoencoder: autoencoder(settings), optimizer, epochs, batchSize };
  const layers = Array.from({ length: depth }, () => layer);
  const losses: number[][] = layers.map(() => []);
  const onEvent = (event: FitEvent): void => {
    const at = event.phase.kind === "pretrain" ? event.phase.layer : 0;
    const below = layers.slice(0, at).reduce((sum, _, i) => sum + layerWork(settings, i), 0);
    tell(below + (event.step / event.steps) * layerWork(settings, at));
    if (event.type === "epoch") losses[at]?.push(event.loss);
  };
  const { variables } = await finish(
    pretrainGreedy({ layers, data: data.x, key: random.key(seed), seed, signal }),
    onEvent,
  );
  const whole = variables.slice(0, losses.filter(({ length }) => length === epochs).length);
  const weights = await treeToArrays(whole);
  const first = variables[0];
  const filters = first ? await filtersOf(first.params.encoder) : [];
  const pictures = await reconstructions(layer.autoencoder, whole, data.testX, seed);
  treeDispose(variables);
  return {
    kind: "pretrain",
    layers: whole.length,
    weights,
    losses,
    filters,
    ...pictures,
    seconds: 0,
  };
}

/** Pre-trained layers as the threads send them to each other, back on the device. */
function layersOf(settings: Settings, { layers, weights }: Pretrained): AutoencoderVariables[] {
  const like = Array.from({ length: layers }, (_, i) =>
    autoencoder(settings).init(random.key(0), [i === 0 ? 784 : settings.units]),
  );
  const variables = treeFromArrays(like, weights, "pre-trained layers");
  treeDispose(like);
  return variables;
}

async function train(
  { settings, data, signal, tell }: Run,
  condition: Condition,
  depth: number,
  pretrained: Pretrained | undefined,
): Promise<Trained> {
  const { seed, epochs, batchSize } = settings;
  const net = classifier({
    layers: Array.from({ length: depth }, () => hidden(condition, settings)),
    classes: 10,
  });
  const layers = condition === "with" && pretrained ? layersOf(settings, pretrained) : [];
  const variables = withPretrained(net, random.key(seed), [784], layers.slice(0, depth));
  const learningRate = settings[condition === "control" ? "controlLearningRate" : "learningRate"];
  const errors: number[] = [];
  const losses: number[] = [];
  const job: Job = { kind: "train", condition, depth };
  const onEvent = (event: FitEvent): void => {
    tell((event.step / event.steps) * workOf(settings, job));
    if (event.type !== "epoch") return;
    errors.push(100 * (event.metrics.test ?? Number.NaN));
    losses.push(event.loss);
  };
  const result = { kind: "train", condition, depth, errors, losses, seconds: 0 } as const;
  try {
    const trained = await finish(
      fineTune({
        net,
        variables,
        x: data.x,
        labels: data.labels,
        stages: [{ train: "all", optimizer: sgd({ learningRate }), epochs, batchSize }],
        key: random.key(seed),
        seed,
        signal,
        evaluate: async (v) => ({ test: await errorRate(net, v, data.testX, data.testLabels) }),
      }),
      onEvent,
    );
    const filters = depth === settings.depth ? await filtersOf(trained.variables.params) : [];
    treeDispose(trained.variables);
    return { ...result, filters };
  } catch (error) {
    if (!(error instanceof DivergenceError)) throw error;
    return { ...result, filters: [], diverged: error.message };
  } finally {
    treeDispose([layers, variables]);
  }
}

/** The same sigmoid layer with and without pre-training, U(±1/√fan-in); the control is today's choice. */
const hidden = (condition: Condition, settings: Settings): Layer =>
  condition === "control"
    ? sequential({
        dense: dense({ units: settings.units, kernelInit: heUniform }),
        activation: activation("relu"),
      })
    : autoencoder(settings).encoder;

const SHOWN = 100;

/** What the first units look for: the columns of the first kernel. */
async function filtersOf(params: TensorTree): Promise<Images> {
  const arrays = await treeToArrays(params);
  const kernel = Object.entries(arrays).find(([path]) => path.endsWith("kernel"))?.[1];
  const [inputs = 0, units = 0] = kernel?.shape ?? [];
  return Array.from({ length: Math.min(SHOWN, units) }, (_, unit) =>
    Float32Array.from({ length: inputs }, (_, i) => kernel?.data[i * units + unit] ?? 0),
  );
}

async function reconstructions(
  model: Autoencoder,
  layers: readonly AutoencoderVariables[],
  testX: tf.Tensor,
  seed: number,
) {
  const pictures = tf.tidy(() => {
    const original = tf.slice(testX, [0, 0], [Math.min(10, testX.shape[0] ?? 0), -1]);
    const corrupted = model.corrupt(random.key(seed), original);
    const through = (stack: readonly AutoencoderVariables[]): tf.Tensor => {
      const code = stack.reduce((x, v) => model.encode(v, x), corrupted);
      return stack.reduceRight((h, v) => model.decode(v, h), code);
    };
    return { original, corrupted, byFirst: through(layers.slice(0, 1)), byAll: through(layers) };
  });
  const rows = async (x: tf.Tensor): Promise<Images> => {
    const values = (await x.data()) as Float32Array;
    const size = x.shape[1] ?? 1;
    return Array.from({ length: x.shape[0] ?? 0 }, (_, i) =>
      values.slice(i * size, (i + 1) * size),
    );
  };
  const entries = Object.entries(pictures).map(async ([name, x]) => [name, await rows(x)]);
  const images = Object.fromEntries(await Promise.all(entries));
  treeDispose(pictures);
  return images as Pick<Pretrained, "original" | "corrupted" | "byFirst" | "byAll">;
}
