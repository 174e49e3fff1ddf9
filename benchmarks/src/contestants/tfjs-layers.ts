import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import type { Fixtures } from "../fixtures.ts";
import type { Contestant, Trainer } from "./contestant.ts";
import { contrastiveDivergence } from "./rbm.ts";
import { activate, type BackendName } from "./tfjs-backends.ts";
import { forward, lossOf, tfOptimizer, toBatches, toTensor } from "./tfjs-model.ts";

/** `model.trainOnBatch` or `model.fit` of tfjs-layers as it comes, on a backend. */
export const contestant = async (backend: BackendName): Promise<Contestant> => {
  const versions = await activate(backend);
  return {
    versions: { ...versions, "@tensorflow/tfjs-layers": tfl.version_layers },
    start: async (fixtures) =>
      fixtures.workload.kind === "rbm" ? machineOf(fixtures) : trainerOf(fixtures),
  };
};

function trainerOf(fixtures: Fixtures): Trainer {
  const model = tfl.sequential({ layers: layersOf(fixtures) });
  const { workload } = fixtures;
  const isSquared = workload.kind === "autoencoder" || workload.kind === "conv";
  const loss = isSquared ? "meanSquaredError" : lossOf(workload);
  model.compile({ optimizer: tfOptimizer(workload), loss });
  const batches = toBatches(fixtures);
  const step = async (index: number): Promise<number> => {
    const { x, y } = batches[index] as { x: tf.Tensor; y: tf.Tensor };
    if (workload.fit === undefined) return (await model.trainOnBatch(x, y)) as number;
    const options = { batchSize: workload.batch, epochs: 1, shuffle: false, verbose: 0 } as const;
    const { history } = await model.fit(x, y, options);
    return history.loss?.[0] as number;
  };
  return { step };
}

/** tfjs-layers has nothing like a Boltzmann machine; this is what one writes in tfjs-core. */
function machineOf(fixtures: Fixtures): Trainer {
  const params = fixtures.params.map((values) => tf.variable(toTensor(values)));
  const batches = toBatches(fixtures);
  const step = async (index: number): Promise<number> => {
    const { x, y } = batches[index] as { x: tf.Tensor; y: tf.Tensor };
    const loss = tf.tidy(() => {
      const next = contrastiveDivergence(fixtures.workload, params, x, y);
      params.forEach((param, i) => void param.assign(next.params[i] as tf.Tensor));
      return next.loss;
    });
    const [value] = await loss.data();
    loss.dispose();
    return value as number;
  };
  return { step };
}

function layersOf({ workload, params }: Fixtures): tfl.layers.Layer[] {
  const { kind, sizes } = workload;
  const weights = params.map(toTensor);
  if (kind === "tied") return [new Tied(weights, sizes[0] ?? 0)];
  if (kind === "conv") return convolutions(weights);
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

function convolutions(weights: tf.Tensor[]): tfl.layers.Layer[] {
  const count = weights.length / 2;
  return Array.from({ length: count }, (_, i) => {
    const [kernel, bias] = weights.slice(2 * i, 2 * i + 2) as [tf.Tensor, tf.Tensor];
    const make = i < count / 2 ? tfl.layers.conv2d : tfl.layers.conv2dTranspose;
    return make({
      ...(i === 0 && { inputShape: [28, 28, kernel.shape[2] ?? 1] }),
      filters: bias.size,
      kernelSize: 3,
      strides: 2,
      padding: "same",
      activation: i + 1 < count ? "relu" : "sigmoid",
      weights: [kernel, bias],
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
