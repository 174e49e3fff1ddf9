import { random, treeDispose } from "@layerwise/autodiff";
import type { AutoencoderVariables } from "@layerwise/autoencoders";
import { sgd } from "@layerwise/optim";
import { fineTune, type Stage, treeFromArrays, withPretrained } from "@layerwise/pretrain";
import { startBackend } from "../backend.ts";
import type { BackendOptions } from "../backend-name.ts";
import { readLabelled } from "../images.ts";
import { classifierOf, layerOf, type ModelFile, readModel, writeModel } from "../model-file.ts";
import { checkOutput, type TrainingOptions, train } from "../training.ts";

interface Options extends TrainingOptions, BackendOptions {
  readonly pretrained?: string;
  readonly layers?: readonly number[];
  readonly classes?: number;
  readonly headEpochs: number;
  readonly learningRate: number;
}

/** `layerwise finetune`: trains a classifier and writes it. */
export async function finetune(images: string, labels: string, options: Options): Promise<number> {
  const { output, epochs, headEpochs, batchSize, seed } = options;
  await checkOutput(output);
  const file =
    options.pretrained === undefined
      ? undefined
      : await readModel(options.pretrained, "pretrained");
  const layers = layersOf(options, file);
  await startBackend(options);
  const data = await readLabelled(images, labels, options);
  const [, inputs] = data.x.shape;
  if (file && file.inputs !== inputs) {
    const wanted = `expected images of ${file.inputs} pixels, as ${file.path} was trained on`;
    throw new Error(`${images}: ${wanted}, found ${inputs}`);
  }
  const classes = options.classes ?? Math.max(2, data.classes);
  const description = { kind: "classifier", inputs, layers, classes } as const;
  const net = classifierOf(description);
  const pretrained = file ? pretrainedOf(file) : [];
  const begun = withPretrained(net, random.key(seed), [inputs], pretrained);
  const optimizer = sgd({ learningRate: options.learningRate });
  const stage = (kind: Stage["train"], count: number): Stage[] =>
    count === 0 ? [] : [{ train: kind, optimizer, epochs: count, batchSize }];
  const { variables, interrupted } = await train((signal) =>
    fineTune({
      net,
      variables: begun,
      ...data,
      stages: [...stage("head", headEpochs), ...stage("all", epochs)],
      key: random.key(seed),
      seed,
      signal,
    }),
  );
  await writeModel(output, description, variables);
  treeDispose([variables, begun, pretrained, data.x, data.labels]);
  const stopped = interrupted ? ", interrupted" : "";
  console.log(`${output}: ${[inputs, ...layers, classes].join("-")}${stopped}`);
  return interrupted ? 130 : 0;
}

/** Sizes of the hidden layers: those asked for, which begin with the pre-trained ones. */
function layersOf({ layers }: Options, file: ModelFile | undefined): readonly number[] {
  const sizes = layers ?? file?.layers;
  if (sizes === undefined) {
    throw new Error("finetune: expected --pretrained <file> or --layers <sizes>, found neither");
  }
  if (file && !file.layers.every((units, i) => units === sizes[i])) {
    const wanted = `expected layers that begin with ${file.layers.join(",")} of ${file.path}`;
    throw new Error(`--layers: ${wanted}, got ${sizes.join(",")}`);
  }
  return sizes;
}

function pretrainedOf({ inputs, layers, tensors, path }: ModelFile): AutoencoderVariables[] {
  const like = layers.map((units, i) =>
    layerOf(units).init(random.key(0), [layers[i - 1] ?? inputs]),
  );
  const variables = treeFromArrays(like, tensors, path);
  treeDispose(like);
  return variables;
}
