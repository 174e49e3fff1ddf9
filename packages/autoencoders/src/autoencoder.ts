import { type Key, random, type TensorTree, treeTidy } from "@layerwise/autodiff";
import type { Layer, Shape, Variables } from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import type { Corruption } from "./corruption.ts";
import { type Decoder, tied } from "./decoder.ts";
import { bernoulli, type Reconstruction } from "./reconstruction.ts";

/** The parts of an autoencoder. */
export interface AutoencoderOptions {
  /** Maps inputs to codes. */
  readonly encoder: Layer;
  /** Default {@link tied}. */
  readonly decoder?: Decoder;
  /** Applied to the input while training only; the loss compares with the clean input. Default none. */
  readonly corruption?: Corruption | undefined;
  /** Default {@link bernoulli}. */
  readonly reconstruction?: Reconstruction;
}

/** Parameters of an autoencoder. */
export type AutoencoderParams = {
  readonly encoder: TensorTree;
  readonly decoder: TensorTree;
};

/** Running state of an autoencoder: that of its encoder (batch statistics, say). */
export type AutoencoderState = { readonly encoder: TensorTree };

/** What the functions of an autoencoder work on. */
export type AutoencoderVariables = Variables<AutoencoderParams, AutoencoderState>;

/** Arguments of a loss that are neither data nor parameters. */
export interface LossOptions {
  /** Needed in training where there is a corruption. */
  readonly key?: Key | undefined;
  /** Whether to corrupt the input. Default false. */
  readonly training?: boolean;
}

/** A scalar loss, the named terms it is the sum of, and the next state. */
export interface LossResult {
  readonly loss: tf.Scalar;
  readonly terms: { readonly reconstruction: tf.Scalar };
  readonly state: AutoencoderState;
}

/** A model that learns to reconstruct its input: pure functions over its variables. */
export interface Autoencoder {
  /** The encoder as a layer, to build a classifier from; it works on the `encoder` parts of the variables. */
  readonly encoder: Layer;
  /** Least and greatest input that the loss is meant for. Default any. It is not checked here. */
  readonly inputRange?: readonly [number, number] | undefined;
  /** Variables for inputs of a shape without the batch axis. */
  init(key: Key, inputShape: Shape): AutoencoderVariables;
  /** Codes [n, …] of clean inputs [n, …]. */
  encode(variables: AutoencoderVariables, x: tf.Tensor): tf.Tensor;
  /** Inputs that codes stand for. */
  decode(variables: AutoencoderVariables, code: tf.Tensor): tf.Tensor;
  /** decode(encode(x)). */
  reconstruct(variables: AutoencoderVariables, x: tf.Tensor): tf.Tensor;
  /** Loss of one input, averaged over the batch. */
  loss(variables: AutoencoderVariables, x: tf.Tensor, options?: LossOptions): LossResult;
  /** What the encoder sees in training: the corrupted input, or a copy where there is no corruption. */
  corrupt(key: Key, x: tf.Tensor): tf.Tensor;
}

/**
 * Composes an autoencoder from an encoder, a decoder, a corruption and a likelihood.
 *
 * Errors of shape name the layer; a corruption without a key in training is an error.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { autoencoder, squaredError, untied } from "@layerwise/autoencoders";
 * import { activation, dense, sequential } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const model = autoencoder({
 *   encoder: sequential([dense({ units: 2 }), activation("tanh")]),
 *   decoder: untied(),
 *   reconstruction: squaredError,
 * });
 * const variables = model.init(random.key(0), [4]);
 * const x = tf.ones([3, 4]);
 * if (`${model.encode(variables, x).shape}` !== "3,2") throw new Error("code");
 * if (`${model.reconstruct(variables, x).shape}` !== "3,4") throw new Error("reconstruction");
 * ```
 */
export function autoencoder({
  encoder,
  decoder = tied(),
  corruption,
  reconstruction = bernoulli,
}: AutoencoderOptions): Autoencoder {
  const code = ({ params, state }: AutoencoderVariables, x: tf.Tensor, options?: LossOptions) =>
    encoder.apply({ params: params.encoder, state: state.encoder }, x, options);
  const output = ({ params }: AutoencoderVariables, h: tf.Tensor): tf.Tensor =>
    decoder.apply(params.decoder, params.encoder, h);
  const corrupt = (key: Key | undefined, x: tf.Tensor): tf.Tensor => {
    if (corruption === undefined) return tf.clone(x);
    if (key === undefined) throw new Error("autoencoder: the corruption needs a key in training");
    return corruption(key, x);
  };

  return Object.freeze({
    encoder,
    inputRange: reconstruction.range,
    init: (key, inputShape) =>
      treeTidy(() => {
        const [encoderKey, decoderKey] = random.split(key);
        const { params, state } = encoder.init(encoderKey, inputShape);
        return {
          params: { encoder: params, decoder: decoder.init(decoderKey, encoder, inputShape) },
          state: { encoder: state },
        };
      }),
    encode: (variables, x) => tf.tidy(() => code(variables, x).y),
    decode: (variables, h) => tf.tidy(() => reconstruction.mean(output(variables, h))),
    reconstruct: (variables, x) =>
      tf.tidy(() => reconstruction.mean(output(variables, code(variables, x).y))),
    loss: (variables, x, { key, training = false } = {}) =>
      treeTidy(() => {
        const [noiseKey, layerKey] = key === undefined ? [] : random.split(key);
        const seen = training ? corrupt(noiseKey, x) : x;
        const { y, state } = code(variables, seen, { key: layerKey, training });
        const term = reconstruction.loss(output(variables, y), x);
        return { loss: tf.clone(term), terms: { reconstruction: term }, state: { encoder: state } };
      }),
    corrupt: (key, x) => tf.tidy(() => corrupt(key, x)),
  } satisfies Autoencoder);
}
