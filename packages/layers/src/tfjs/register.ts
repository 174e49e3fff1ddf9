import { serialization } from "@tensorflow/tfjs-core";
import type { layers } from "@tensorflow/tfjs-layers";
import type { Layer } from "../core/layer.ts";
import { LayerError } from "../core/layer-error.ts";
import { decodeConfig, encodeConfig } from "./config.ts";
import { TfLayer, type TfLayerOptions } from "./tf-layer.ts";

/** Makes layers of tfjs-layers that files can hold. */
export type TfLayerFactory<Config> = (config: Config, options: TfLayerOptions) => layers.Layer;

/**
 * Names a factory of layers, so that models with its layers can be saved and loaded.
 *
 * What comes back makes layers as {@link asTfLayer} does, from options of the factory, which the file
 * keeps as JSON: no functions, tensors or infinite numbers. A program that loads the file registers
 * the same name with the same factory first; tfjs-layers says "Unknown layer" otherwise. A name that
 * is registered again gets the new factory.
 *
 * @example
 * ```ts
 * import { activation, dense, sequential } from "@layerwise/layers";
 * import { registerTfLayer } from "@layerwise/layers/tfjs";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 * import { models, sequential as tfSequential } from "@tensorflow/tfjs-layers";
 *
 * const mlp = registerTfLayer("mlp", ({ units }: { units: number }) =>
 *   sequential([dense({ units }), activation("gelu")]),
 * );
 * const model = tfSequential({ layers: [mlp({ units: 3 }, { seed: 0, inputShape: [2] })] });
 * const copy = await models.modelFromJSON(JSON.parse(model.toJSON() as string));
 * copy.setWeights(model.getWeights());
 * const x = tf.ones([1, 2]);
 * if (`${copy.predict(x)}` !== `${model.predict(x)}`) throw new Error(`${copy.predict(x)}`);
 * ```
 */
export function registerTfLayer<Config>(
  name: string,
  factory: (config: Config) => Layer,
): TfLayerFactory<Config> {
  // Classes of tfjs-layers, which are found by the same names, start with a capital.
  if (!/^[a-z][A-Za-z0-9]*$/.test(name)) {
    const wanted = "expected a name of letters and digits that starts in lower case";
    throw new LayerError("registerTfLayer", `${wanted}, got ${JSON.stringify(name)}`);
  }

  class Registered extends TfLayer {
    readonly #config: string;

    static get className(): string {
      return name;
    }

    constructor({ factoryConfig, ...options }: SavedOptions) {
      super(factory(decodeConfig(factoryConfig) as Config), options);
      this.#config = factoryConfig;
    }

    override getConfig(): serialization.ConfigDict {
      return { ...super.getConfig(), factoryConfig: this.#config };
    }
  }
  serialization.registerClass(Registered);
  return (config, options) =>
    new Registered({ ...options, factoryConfig: encodeConfig(name, config) });
}

/** What a file holds of a layer. */
interface SavedOptions extends TfLayerOptions {
  readonly factoryConfig: string;
}
