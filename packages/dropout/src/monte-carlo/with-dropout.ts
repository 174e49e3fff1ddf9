import type { TensorTree } from "@layerwise/autodiff";
import type { Layer, LayerContainer } from "@layerwise/layers";
import { LayerError } from "@layerwise/layers";

/**
 * The same model with dropout switched on outside of training.
 *
 * Layers of this package, and those of your own with `stochastic: true`, draw noise whether or not
 * `training` is set; all others do what they do in inference, so that batch normalization uses and
 * keeps its running statistics. Parameters, state and the use of keys are those of `layer`: with the
 * same key the masks are those of a training step. Looks into containers: `sequential`,
 * `stochasticDepth` and all layers with `mapLayers`. Throws where nothing draws noise.
 *
 * Reference: Gal and Ghahramani, Dropout as a Bayesian Approximation, 2016,
 * https://arxiv.org/abs/1506.02142.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { dropout, withDropout } from "@layerwise/dropout";
 * import { dense, sequential } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const net = sequential([dropout({ rate: 0.5 }), dense({ units: 1 })]);
 * const variables = net.init(random.key(0), [16]);
 * const draw = (seed: number) =>
 *   withDropout(net).apply(variables, tf.ones([1, 16]), { key: random.key(seed) }).y.dataSync()[0];
 * if (draw(1) === draw(2) || draw(1) !== draw(1)) throw new Error("one draw per key");
 * ```
 */
export function withDropout<Params extends TensorTree, State extends TensorTree>(
  layer: Layer<Params, State>,
): Layer<Params, State> {
  let found = 0;
  const sampling = (child: Layer): Layer => {
    const stochastic = "stochastic" in child && child.stochastic === true;
    if (stochastic) found++;
    const isContainer = "mapLayers" in child;
    const inner = isContainer ? (child as LayerContainer).mapLayers(sampling) : child;
    // The parts of a container have decided for themselves.
    return isContainer && !stochastic ? inner : fixTraining(inner, stochastic);
  };
  const made = sampling(layer as unknown as Layer);
  if (found > 0) return made as unknown as Layer<Params, State>;
  const reason = "its output would not vary";
  throw new LayerError(
    "withDropout",
    `expected a layer that draws noise in ${layer.kind}, got none: ${reason}`,
  );
}

function fixTraining(layer: Layer, training: boolean): Layer {
  return Object.freeze({
    ...layer,
    apply: (variables, x, options) => layer.apply(variables, x, { ...options, training }),
  } satisfies Layer);
}
