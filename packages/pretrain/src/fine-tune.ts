import { type Key, random, treeDispose } from "@layerwise/autodiff";
import { type Layer, softmaxCrossEntropy, type Variables } from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import { checkAlive, checkLabels } from "./check.ts";
import { type Classifier, partOf, withPart } from "./classifier.ts";
import { encodeAll } from "./encode.ts";
import { describePhase, type FitEvent } from "./events.ts";
import {
  type BatchLoss,
  copyVariables,
  type FitResult,
  fit,
  type Schedule,
  type Signal,
} from "./fit.ts";

/** One stage of fine-tuning. */
export interface Stage extends Schedule {
  /** The output layer alone, on codes computed once, or everything. */
  readonly train: "head" | "all";
}

/** Options of {@link fineTune}. */
export interface FineTuneOptions {
  readonly net: Classifier;
  /** Borrowed. */
  readonly variables: Variables;
  /** Labelled examples [n, …]. */
  readonly x: tf.Tensor;
  /** int32 class numbers [n]. */
  readonly labels: tf.Tensor;
  /** Usually the head first, then all. */
  readonly stages: readonly Stage[];
  readonly key: Key;
  /** Seed of the order of examples. Default 0. */
  readonly seed?: number;
  readonly signal?: Signal | undefined;
  /** Measured after every epoch with the variables of the whole network. */
  readonly evaluate?: ((variables: Variables) => Promise<Record<string, number>>) | undefined;
}

/**
 * Trains a classifier with labels in stages: the output layer first, so that its random gradients
 * do not destroy what the layers below have learnt, then everything.
 *
 * Minimizes softmax cross-entropy. Yields progress; returns fresh variables. Throws where a label is
 * no class of `net`, there are not as many labels as examples, or there is no stage.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { basicAutoencoder } from "@layerwise/autoencoders";
 * import { sgd } from "@layerwise/optim";
 * import { classifier, fineTune, finish } from "@layerwise/pretrain";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const net = classifier({ layers: [basicAutoencoder({ units: 5 }).encoder], classes: 2 });
 * const optimizer = sgd({ learningRate: 0.1 });
 * const { variables } = await finish(
 *   fineTune({
 *     net,
 *     variables: net.init(random.key(0), [4]),
 *     x: tf.randomUniform([20, 4]),
 *     labels: tf.tensor1d(Array.from({ length: 20 }, (_, i) => i % 2), "int32"),
 *     stages: [
 *       { train: "head", optimizer, epochs: 1 },
 *       { train: "all", optimizer, epochs: 2 },
 *     ],
 *     key: random.key(1),
 *   }),
 * );
 * ```
 */
export async function* fineTune(
  options: FineTuneOptions,
): AsyncGenerator<FitEvent, FitResult, void> {
  const { net, x, labels, stages, key, seed = 0, signal, evaluate } = options;
  checkStages(stages);
  checkAlive("fineTune:", { x, labels, variables: options.variables });
  await checkLabels("fineTune", labels, x, net.outputShape(x.shape.slice(1)).at(-1) ?? 1);
  let variables = copyVariables(options.variables);
  let interrupted = false;
  let ended = false;
  try {
    for (const [i, stage] of stages.entries()) {
      const before = variables;
      const head = stage.train === "head";
      const codes = head ? encodeAll(net.body, partOf(before, "body"), x) : tf.clone(x);
      const whole = (part: Variables): Variables => (head ? withPart(before, "head", part) : part);
      const trained = head ? partOf(before, "head") : before;
      const stageKey = random.foldIn(key, i);
      try {
        const result = yield* fit({
          ...stage,
          phase: { kind: "fine-tune", stage: i, stages: stages.length },
          variables: trained,
          data: { x: codes, labels },
          loss: lossOf(head ? net.head : net),
          key: stageKey,
          seed: seed + i,
          signal,
          evaluate: evaluate && ((part) => evaluate(whole(part))),
        });
        variables = whole(result.variables);
        interrupted = result.interrupted;
        treeDispose(trained);
      } finally {
        treeDispose([codes, stageKey]);
      }
      if (interrupted) break;
    }
    ended = true;
    return { variables, interrupted };
  } finally {
    // After an error, or where the consumer stopped listening, nobody else has them.
    if (!ended) treeDispose(variables);
  }
}

function checkStages(stages: readonly Stage[]): void {
  if (stages.length === 0) throw new Error("fineTune: expected at least 1 stage, got none");
  for (const [stage, { train }] of stages.entries()) {
    if (train === "head" || train === "all") continue;
    const where = describePhase({ kind: "fine-tune", stage, stages: stages.length });
    throw new Error(
      `fineTune: expected train "head" or "all", got ${JSON.stringify(train)} (${where})`,
    );
  }
}

const lossOf =
  (layer: Layer): BatchLoss =>
  (variables, { x, labels }, key) => {
    const { y, state } = layer.apply(variables, x as tf.Tensor, { key, training: true });
    return { loss: softmaxCrossEntropy(y, labels as tf.Tensor), state };
  };
