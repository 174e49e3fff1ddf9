import { cpu } from "@layerwise/cpu";
import { setWasmPaths, version_wasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import type { Fixtures } from "../fixtures.ts";
import type { Contestant } from "./contestant.ts";
import { forward, lossOf, tfOptimizer, toBatches, toTensor } from "./tfjs-model.ts";

/** `model.trainOnBatch` with the matrix products repaired by `@layerwise/cpu`. */
export const repaired = async (): Promise<Contestant> => {
  await cpu();
  return layers();
};

/** `model.trainOnBatch` on tfjs-backend-wasm as it comes. */
export const plain = async (): Promise<Contestant> => {
  setWasmPaths(new URL(".", import.meta.resolve("@tensorflow/tfjs-backend-wasm")).pathname);
  await tf.setBackend("wasm");
  return layers();
};

const layers = (): Contestant => ({
  versions: { "@tensorflow/tfjs-layers": tfl.version_layers, "tfjs-backend-wasm": version_wasm },
  start: async (fixtures) => {
    const model = tfl.sequential({ layers: layersOf(fixtures) });
    const { workload } = fixtures;
    const loss = workload.kind === "autoencoder" ? "meanSquaredError" : lossOf(workload);
    model.compile({ optimizer: tfOptimizer(workload), loss });
    const batches = toBatches(fixtures);
    return {
      step: async (index) => {
        const { x, y } = batches[index] as { x: tf.Tensor; y: tf.Tensor };
        return (await model.trainOnBatch(x, y)) as number;
      },
    };
  },
});

function layersOf({ workload, params }: Fixtures): tfl.layers.Layer[] {
  const { kind, sizes } = workload;
  const weights = params.map(toTensor);
  if (kind === "tied") return [new Tied(weights, sizes[0] ?? 0)];
  return sizes.slice(1).map((units, i) => {
    const linear = kind === "mlp" && i === sizes.length - 2;
    return tfl.layers.dense({
      units,
      inputShape: [sizes[i] ?? 0],
      activation: linear ? "linear" : "sigmoid",
      weights: weights.slice(2 * i, 2 * i + 2),
    });
  });
}

/** tfjs-layers has no layer with shared weights, so a user writes one. */
class Tied extends tfl.layers.Layer {
  static className = "Tied";
  readonly #initial: readonly tf.Tensor[];

  constructor(initial: readonly tf.Tensor[], inputs: number) {
    super({ inputShape: [inputs] });
    this.#initial = initial;
  }

  override build(): void {
    for (const [i, value] of this.#initial.entries()) {
      const initializer = tfl.initializers.zeros();
      initializer.apply = () => tf.clone(value);
      this.addWeight(`p${i}`, value.shape, "float32", initializer);
    }
    this.built = true;
  }

  override computeOutputShape(inputShape: tfl.Shape): tfl.Shape {
    return inputShape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = Array.isArray(inputs) ? (inputs[0] as tf.Tensor) : inputs;
    const params = this.weights.map((weight) => weight.read());
    return tf.tidy(() => forward({ kind: "tied" } as Fixtures["workload"], params, x));
  }
}
