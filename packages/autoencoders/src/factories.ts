import {
  type ActivationName,
  activation,
  dense,
  type Initializer,
  type Layer,
  sequential,
  uniformFanIn,
} from "@layerwise/layers";
import { type Autoencoder, autoencoder } from "./autoencoder.ts";
import type { Corruption } from "./corruption.ts";
import { tied, untied } from "./decoder.ts";
import { bernoulli, type Reconstruction } from "./reconstruction.ts";

/** Options of {@link basicAutoencoder}. */
export interface BasicAutoencoderOptions {
  /** Number of hidden units. */
  readonly units: number;
  /** Default `"sigmoid"`. */
  readonly activation?: ActivationName;
  /** Whether the decoder uses the encoder's weights transposed. Default true. */
  readonly tied?: boolean;
  /** Default {@link bernoulli}. */
  readonly reconstruction?: Reconstruction;
  /** Default {@link uniformFanIn}, U(±1/√fan-in). */
  readonly kernelInit?: Initializer;
}

/** Options of {@link denoisingAutoencoder}. */
export interface DenoisingAutoencoderOptions extends BasicAutoencoderOptions {
  /** What is done to the input in training. */
  readonly corruption: Corruption;
}

const encoderOf = (options: BasicAutoencoderOptions): Layer => {
  const { units, kernelInit = uniformFanIn } = options;
  return sequential({
    dense: dense({ units, kernelInit }),
    activation: activation(options.activation ?? "sigmoid"),
  }) as Layer;
};

const build = (options: BasicAutoencoderOptions, corruption: Corruption | undefined): Autoencoder =>
  autoencoder({
    encoder: encoderOf(options),
    decoder: (options.tied ?? true) ? tied() : untied(),
    reconstruction: options.reconstruction ?? bernoulli,
    corruption,
  });

/**
 * One hidden layer, h = s(x W + b), and a decoder with transposed weights (Bengio et al. 2007,
 * auto-associators).
 *
 * @example
 * ```ts
 * import { basicAutoencoder, squaredError } from "@layerwise/autoencoders";
 *
 * const model = basicAutoencoder({ units: 32, activation: "tanh", reconstruction: squaredError });
 * ```
 */
export function basicAutoencoder(options: BasicAutoencoderOptions): Autoencoder {
  return build(options, undefined);
}

/**
 * A {@link basicAutoencoder} that sees a corrupted input in training and must reconstruct the clean
 * one (Vincent et al. 2010, https://www.jmlr.org/papers/v11/vincent10a.html).
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { denoisingAutoencoder, masking } from "@layerwise/autoencoders";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const model = denoisingAutoencoder({ units: 8, corruption: masking(0.25) });
 * const variables = model.init(random.key(0), [16]);
 * const x = tf.zeros([4, 16]);
 * const { loss } = model.loss(variables, x, { key: random.key(1), training: true });
 * if (!(loss.arraySync() > 0)) throw new Error(`${loss}`);
 * ```
 */
export function denoisingAutoencoder(options: DenoisingAutoencoderOptions): Autoencoder {
  return build(options, options.corruption);
}
