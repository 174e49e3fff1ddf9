import { random, treeDispose } from "@layerwise/autodiff";
import { denoisingAutoencoder, masking } from "@layerwise/autoencoders";
import { sgd } from "@layerwise/optim";
import { pretrainGreedy } from "@layerwise/pretrain";
import { startBackend } from "../backend.ts";
import type { BackendOptions } from "../backend-name.ts";
import { readImages } from "../images.ts";
import { writeModel } from "../model-file.ts";
import { checkOutput, type TrainingOptions, train } from "../training.ts";

interface Options extends TrainingOptions, BackendOptions {
  readonly layers: readonly number[];
  readonly corruption: number;
  readonly learningRate: number;
}

/** `layerwise pretrain`: trains a stack of layers and writes them. */
export async function pretrain(images: string, options: Options): Promise<number> {
  const { output, epochs, batchSize, seed, corruption } = options;
  await checkOutput(output);
  await startBackend(options);
  const x = await readImages(images, options.limit);
  const optimizer = sgd({ learningRate: options.learningRate });
  const layers = options.layers.map((units) => ({
    autoencoder: denoisingAutoencoder({ units, corruption: masking(corruption) }),
    optimizer,
    epochs,
    batchSize,
  }));
  const { variables, interrupted } = await train((signal) =>
    pretrainGreedy({ layers, data: x, key: random.key(seed), seed, signal }),
  );
  const sizes = options.layers.slice(0, variables.length);
  const description = {
    kind: "pretrained",
    inputs: x.shape[1],
    layers: sizes,
    classes: 0,
  } as const;
  await writeModel(output, description, variables);
  treeDispose([variables, x]);
  const stopped = interrupted ? ", interrupted in the last" : "";
  console.log(`${output}: ${[x.shape[1], ...sizes].join("-")}${stopped}`);
  return interrupted ? 130 : 0;
}
