import type { serialization } from "@tensorflow/tfjs-core";
import type { layers } from "@tensorflow/tfjs-layers";
import type { Layer } from "../core/layer.ts";
import { LayerError } from "../core/layer-error.ts";
import { TfLayer, type TfLayerOptions } from "./tf-layer.ts";

/**
 * Makes a layer of tfjs-layers of one of the protocol: for `tf.sequential`, functional models, `fit`,
 * `predict` and the weights part of files.
 *
 * Parameters become trainable weights named by their paths (`kernel`, `0.bias`), state becomes
 * weights that are not trained (`state.mean`), written in each training call as by tfjs-layers' own
 * batch normalisation, also where `trainable` is false. Gradients are those of `grad`, whatever
 * tfjs's own are, and so are second ones.
 *
 * With `[init, steps] = random.split(random.key(seed))` the parameters are those of `init`, and
 * training call t = 0, 1, … draws from `random.foldIn(steps, t)`. A layer that draws keeps t as the
 * weight `step`: a model that is saved and loaded goes on as if it had never stopped.
 *
 * The input is one tensor of a shape known but for the batch. A layer of whole numbers, such as
 * `embedding`, takes `dtype: "int32"` where it comes first. What is code cannot be in a file: to save
 * a model's topology, use {@link registerTfLayer}.
 *
 * @example
 * ```ts
 * import { activation, dense, sequential } from "@layerwise/layers";
 * import { asTfLayer } from "@layerwise/layers/tfjs";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 * import { layers, sequential as tfSequential } from "@tensorflow/tfjs-layers";
 *
 * const hidden = sequential([dense({ units: 8 }), activation("mish")]);
 * const model = tfSequential();
 * model.add(asTfLayer(hidden, { seed: 0, inputShape: [2] }));
 * model.add(layers.dense({ units: 1 }));
 * model.compile({ optimizer: "adam", loss: "meanSquaredError" });
 * await model.fit(tf.ones([4, 2]), tf.ones([4, 1]), { epochs: 2, verbose: 0 });
 * const names = model.weights.map((weight) => weight.originalName);
 * if (!names[1]?.endsWith("/0.kernel")) throw new Error(names.join());
 * ```
 */
export function asTfLayer(layer: Layer, options: TfLayerOptions): layers.Layer {
  // tfjs-layers makes the layer's name of the class's, before a constructor can set anything.
  class Unregistered extends TfLayer {
    static get className(): string {
      return layer.kind.replace(/[^A-Za-z0-9]/g, "");
    }

    override getConfig(): serialization.ConfigDict {
      const advice = "make it with registerTfLayer(name, factory)";
      const problem = "a layer is code, which no file can hold";
      throw new LayerError(layer.kind, `${problem}; ${advice}`, this.name);
    }
  }
  return new Unregistered(layer, options);
}
