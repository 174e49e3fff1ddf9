import {
  type Compiled,
  compile,
  type Key,
  random,
  type TensorTree,
  treeDispose,
  treeMap,
  treeTidy,
  valueAndGradAux,
} from "@layerwise/autodiff";
import { batches, batchesPerEpoch } from "@layerwise/data";
import type { Variables } from "@layerwise/layers";
import { applyUpdates, type GradientTransformation } from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { checkAlive, checkSchedule } from "./check.ts";
import { DivergenceError, describePhase, type FitEvent, type Phase } from "./events.ts";
import { macrotask } from "./macrotask.ts";

/** Tensors with examples along axis 0, all on the device. */
export type Dataset = { readonly [name: string]: tf.Tensor };

/** Loss of a batch and the next running state. `key` is fresh at every step. */
export type BatchLoss = (
  variables: Variables,
  batch: Dataset,
  key: Key,
) => { readonly loss: tf.Tensor; readonly state: TensorTree };

/** How long and in what portions to train. */
export interface Schedule {
  /** Adds its updates to the parameters after every batch. */
  readonly optimizer: GradientTransformation;
  readonly epochs: number;
  /** Default 20. */
  readonly batchSize?: number;
}

/** Options of {@link fit}. */
export interface FitOptions extends Schedule {
  readonly phase: Phase;
  readonly variables: Variables;
  readonly data: Dataset;
  readonly loss: BatchLoss;
  readonly key: Key;
  /** Seed of the order of examples. Default 0. */
  readonly seed?: number;
  /** Ends the run before the next step; the result is what was reached. */
  readonly signal?: Signal | undefined;
  /** Measured after every epoch; the numbers come with the epoch's event. */
  readonly evaluate?: ((variables: Variables) => Promise<Record<string, number>>) | undefined;
}

/** The part of an AbortSignal that is used. */
export interface Signal {
  readonly aborted: boolean;
}

/** Where a run ended. */
export interface FitResult {
  /** Fresh tensors that belong to the caller. */
  readonly variables: Variables;
  /** Whether the signal ended it early. */
  readonly interrupted: boolean;
}

/** What one step hands to the next; it lives on the device. */
type Carry = {
  readonly params: TensorTree;
  readonly state: TensorTree;
  readonly optimizer: TensorTree;
  readonly step: tf.Tensor;
  readonly total: tf.Tensor;
};

type Step = Compiled<[Carry, Dataset, tf.Tensor, Key], Carry>;

// Often enough for a smooth progress bar and a prompt Ctrl-C.
const EVENT_INTERVAL_MS = 100;

const copy = <T extends TensorTree>(tree: T): T =>
  treeMap<TensorTree, tf.Tensor, [], tf.Tensor>((x) => tf.clone(x), tree) as T;

/** Fresh tensors with the same values. */
export const copyVariables = ({ params, state }: Variables): Variables => ({
  params: copy(params),
  state: copy(state),
});

/**
 * Trains by minibatches. The step (gather, forward, backward, update) is one compiled function whose
 * parameters stay on the device; the loss is summed there and read once per epoch.
 *
 * Yields events and returns the result. Borrows `variables`. Throws {@link DivergenceError} when the
 * loss of an epoch is not finite; also where `epochs` or `batchSize` is no such number, or a tensor is
 * disposed.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { dense, type Layer, squaredError } from "@layerwise/layers";
 * import { adam } from "@layerwise/optim";
 * import { finish, fit } from "@layerwise/pretrain";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = dense({ units: 1 }) as Layer;
 * const x = tf.reshape(tf.linspace(-1, 1, 40), [40, 1]);
 * const { variables } = await finish(
 *   fit({
 *     variables: layer.init(random.key(0), [1]),
 *     data: { x, y: tf.mul(x, 3) },
 *     loss: (v, { x, y }) => {
 *       const result = layer.apply(v, x as tf.Tensor);
 *       return { loss: squaredError(result.y, y as tf.Tensor), state: result.state };
 *     },
 *     optimizer: adam({ learningRate: 0.1 }),
 *     epochs: 60,
 *     key: random.key(1),
 *     phase: { kind: "fine-tune", stage: 0, stages: 1 },
 *   }),
 * );
 * const { kernel } = variables.params as { kernel: tf.Tensor };
 * if (Math.abs((kernel.dataSync()[0] ?? 0) - 3) > 0.01) throw new Error(`${kernel}`);
 * ```
 */
export async function* fit(options: FitOptions): AsyncGenerator<FitEvent, FitResult, void> {
  const { phase, data, key, epochs, batchSize = 20, seed = 0, signal, evaluate } = options;
  checkSchedule(describePhase(phase), epochs, batchSize);
  checkAlive("fit: data", data);
  checkAlive("fit: variables", options.variables);
  const count = examples(data);
  const perEpoch = batchesPerEpoch(count, batchSize);
  const steps = perEpoch * epochs;
  const step = compiledStep(options);
  let carry = begin(options);
  let done = 0;
  const start = tf.util.now();
  let told = start;
  try {
    for (const { epoch, batch, indices } of batches(count, batchSize, { seed, epochs })) {
      if (signal?.aborted) break;
      const rows = tf.tensor1d(indices, "int32");
      try {
        carry = step(carry, data, rows, key);
      } finally {
        rows.dispose();
      }
      done++;
      const epochEnds = batch + 1 === perEpoch;
      if (epochEnds) {
        const loss = (await readTotal(carry)) / perEpoch;
        if (!Number.isFinite(loss)) throw new DivergenceError(phase, epoch, loss);
        carry = withoutTotal(carry);
        const metrics = evaluate
          ? await evaluate({ params: carry.params, state: carry.state })
          : {};
        const seconds = (tf.util.now() - start) / 1000;
        yield { type: "epoch", phase, epoch, epochs, step: done, steps, loss, seconds, metrics };
      }
      if (tf.util.now() - told > EVENT_INTERVAL_MS) {
        if (!epochEnds) yield { type: "step", phase, epoch, step: done, steps };
        await macrotask();
        told = tf.util.now();
      }
    }
    return { variables: copyVariables(carry), interrupted: signal?.aborted ?? false };
  } finally {
    treeDispose(carry);
    step.dispose();
  }
}

function examples(data: Dataset): number {
  const counts = Object.entries(data).map(([name, x]) => ({ name, count: x.shape[0] ?? 0 }));
  const first = counts[0]?.count;
  if (first === undefined || counts.some(({ count }) => count !== first)) {
    const found = counts.map(({ name, count }) => `${name} ${count}`).join(", ") || "none";
    throw new Error(`fit: expected tensors with the same number of examples, got ${found}`);
  }
  return first;
}

function compiledStep({ loss, optimizer }: FitOptions): Step {
  const run = (carry: Carry, data: Dataset, rows: tf.Tensor, key: Key): Carry => {
    const batch = treeMap<Dataset, tf.Tensor, [], tf.Tensor>((x) => tf.gather(x, rows), data);
    const { value, aux, grad } = valueAndGradAux((params: TensorTree) => {
      const variables = { params, state: carry.state };
      const result = loss(variables, batch as Dataset, random.foldIn(key, carry.step));
      return { value: result.loss, aux: result.state };
    })(carry.params);
    const update = optimizer.update(grad, carry.optimizer, carry.params);
    return {
      params: applyUpdates(carry.params, update.updates),
      state: aux,
      optimizer: update.state as TensorTree,
      step: tf.add(carry.step, tf.scalar(1, "int32")),
      total: tf.add(carry.total, value),
    };
  };
  return compile(run, { donate: [0] });
}

const begin = ({ variables, optimizer }: FitOptions): Carry =>
  treeTidy(() => ({
    ...copyVariables(variables),
    optimizer: optimizer.init(variables.params) as TensorTree,
    step: tf.scalar(0, "int32"),
    total: tf.scalar(0),
  }));

const readTotal = async ({ total }: Carry): Promise<number> => (await total.data())[0] ?? NaN;

function withoutTotal(carry: Carry): Carry {
  carry.total.dispose();
  return { ...carry, total: tf.scalar(0) };
}
