import { type Key, random, treeDispose, treeTidy } from "@layerwise/autodiff";
import type { Autoencoder, AutoencoderVariables } from "@layerwise/autoencoders";
import type { Variables } from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import { checkAlive, checkInputRange } from "./check.ts";
import { encodeAll } from "./encode.ts";
import type { FitEvent } from "./events.ts";
import { type BatchLoss, fit, type Schedule, type Signal } from "./fit.ts";

/** One layer of a stack and how it is trained. */
export interface GreedyLayer extends Schedule {
  readonly autoencoder: Autoencoder;
}

/** Options of {@link pretrainGreedy}. */
export interface GreedyOptions {
  /** From the input upwards. Each may be another variant with another optimizer. */
  readonly layers: readonly GreedyLayer[];
  /** Unlabelled examples [n, …]. */
  readonly data: tf.Tensor;
  readonly key: Key;
  /** Seed of the order of examples. Default 0. */
  readonly seed?: number;
  readonly signal?: Signal | undefined;
}

/** What pre-training gives. */
export interface GreedyResult {
  /** Variables of the autoencoders that were trained, from the input upwards; they belong to the caller. */
  readonly variables: readonly AutoencoderVariables[];
  /** Whether the signal ended it; then `variables` has only the layers that were begun. */
  readonly interrupted: boolean;
}

/**
 * Greedy layer-wise unsupervised pre-training (Bengio et al. 2007; Vincent et al. 2010): each
 * autoencoder learns to reconstruct the codes of the one below, which stays as it is from then on.
 * Codes of finished layers are computed once, from clean inputs.
 *
 * Yields progress; returns the trained variables. Give them to a classifier with
 * {@link withPretrained}. Throws where a layer does not fit the data, where data or codes lie outside
 * the `inputRange` of the layer above, and {@link DivergenceError}.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { basicAutoencoder } from "@layerwise/autoencoders";
 * import { sgd } from "@layerwise/optim";
 * import { finish, pretrainGreedy } from "@layerwise/pretrain";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = (units: number) => ({
 *   autoencoder: basicAutoencoder({ units }),
 *   optimizer: sgd({ learningRate: 0.1 }),
 *   epochs: 2,
 * });
 * const data = tf.randomUniform([40, 6]);
 * const { variables } = await finish(
 *   pretrainGreedy({ layers: [layer(4), layer(3)], data, key: random.key(0) }),
 * );
 * if (variables.length !== 2) throw new Error(`${variables.length} layers`);
 * ```
 */
export async function* pretrainGreedy(
  options: GreedyOptions,
): AsyncGenerator<FitEvent, GreedyResult, void> {
  const { layers, data, key, seed = 0, signal } = options;
  const trained: AutoencoderVariables[] = [];
  checkAlive("pretrainGreedy: data", data);
  let input = tf.clone(data);
  let interrupted = false;
  let ended = false;
  try {
    for (const [i, layer] of layers.entries()) {
      const { autoencoder } = layer;
      const { begun, fitKey } = beginLayer(autoencoder, key, i, input);
      const loss: BatchLoss = (v, { x }, stepKey) =>
        autoencoder.loss(v as AutoencoderVariables, x as tf.Tensor, {
          key: stepKey,
          training: true,
        });
      try {
        if (autoencoder.inputRange) {
          const what = i === 0 ? "data" : `codes of layer ${i}`;
          await checkInputRange(`pretrainGreedy: expected ${what}`, input, autoencoder.inputRange);
        }
        const result = yield* fit({
          ...layer,
          phase: { kind: "pretrain", layer: i, layers: layers.length },
          variables: begun,
          data: { x: input },
          loss,
          key: fitKey,
          seed: seed + i,
          signal,
        });
        trained.push(result.variables as AutoencoderVariables);
        interrupted = result.interrupted;
      } finally {
        treeDispose([begun, fitKey]);
      }
      if (interrupted) break;
      if (i + 1 < layers.length) {
        const codes = encodeAll(autoencoder.encoder, encoderPart(trained[i]), input);
        input.dispose();
        input = codes;
      }
    }
    ended = true;
    return { variables: trained, interrupted };
  } finally {
    input.dispose();
    // After an error, or where the consumer stopped listening, nobody else has them.
    if (!ended) treeDispose(trained);
  }
}

const beginLayer = (autoencoder: Autoencoder, key: Key, index: number, input: tf.Tensor) =>
  treeTidy(() => {
    const [initKey, fitKey] = random.split(random.foldIn(key, index));
    return { begun: autoencoder.init(initKey, input.shape.slice(1)), fitKey };
  });

/** The variables of the encoder alone. */
export const encoderPart = (variables: AutoencoderVariables | undefined): Variables => {
  if (variables === undefined) throw new Error("encoderPart: no variables");
  return { params: variables.params.encoder, state: variables.state.encoder };
};
