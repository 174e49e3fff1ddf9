import { type Key, type TensorTree, treeLeaves, treePaths } from "@layerwise/autodiff";
import { dense, type Initializer, type Layer, type Shape, uniformFanIn } from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";

/** Maps codes back to (unsquashed) inputs. It may read the encoder's parameters, to share them. */
export interface Decoder<Params extends TensorTree = TensorTree> {
  init(key: Key, encoder: Layer, inputShape: Shape): Params;
  apply(params: Params, encoderParams: TensorTree, code: tf.Tensor): tf.Tensor;
}

/** Options of {@link untied}. */
export interface UntiedOptions {
  /** Default {@link uniformFanIn}. */
  readonly kernelInit?: Initializer;
}

/**
 * A decoder with weights of its own: o = h V + c.
 *
 * @example
 * ```ts
 * import { autoencoder, untied } from "@layerwise/autoencoders";
 * import { dense, glorotUniform } from "@layerwise/layers";
 *
 * const encoder = dense({ units: 3 });
 * const model = autoencoder({ encoder, decoder: untied({ kernelInit: glorotUniform }) });
 * ```
 */
export function untied({ kernelInit = uniformFanIn }: UntiedOptions = {}): Decoder {
  const layer = (units: number) => dense({ units, kernelInit });
  return {
    init: (key, encoder, inputShape) => {
      const { params } = layer(inputShape.at(-1) ?? 1).init(key, encoder.outputShape(inputShape));
      return params as TensorTree;
    },
    apply: (params, _, code) => {
      const { bias } = params as { bias: tf.Tensor };
      return layer(bias.size).apply({ params: params as never, state: null }, code).y;
    },
  };
}

/**
 * A decoder that uses the encoder's kernel transposed: o = h Wᵀ + c. Half the weights, and the usual
 * choice for stacking. The encoder must have exactly one parameter named `kernel`.
 */
export function tied(): Decoder<{ readonly bias: tf.Tensor }> {
  return {
    init: (_, __, inputShape) => ({ bias: tf.zeros([inputShape.at(-1) ?? 1]) }),
    apply: ({ bias }, encoderParams, code) =>
      tf.tidy(() => tf.add(tf.matMul(code, kernelOf(encoderParams), false, true), bias)),
  };
}

function kernelOf(params: TensorTree): tf.Tensor2D {
  const paths = treePaths(params);
  const found = paths.flatMap((path, i) => (/(^|\.)kernel$/.test(path) ? [i] : []));
  const [index] = found;
  if (index === undefined || found.length > 1) {
    throw new Error(
      `tied decoder: expected one "kernel" in the encoder's parameters, got [${paths.join(", ")}]`,
    );
  }
  return treeLeaves<TensorTree, tf.Tensor>(params)[index] as tf.Tensor2D;
}
