import type { TensorTree } from "@layerwise/autodiff";
import { type Autoencoder, basicAutoencoder } from "@layerwise/autoencoders";
import {
  encodeSafetensors,
  parseSafetensors,
  readBytes,
  type Safetensors,
  writeBytes,
} from "@layerwise/data";
import { type Classifier, classifier, treeToArrays } from "@layerwise/pretrain";

/** What a file holds, beside the weights. */
export interface Description {
  readonly kind: "pretrained" | "classifier";
  /** Inputs of the first layer. */
  readonly inputs: number;
  /** Units of the hidden layers. */
  readonly layers: readonly number[];
  /** Classes of a classifier; 0 for pre-trained layers. */
  readonly classes: number;
}

/** The content of a file. */
export interface ModelFile extends Description {
  readonly path: string;
  readonly tensors: Safetensors["tensors"];
}

/** One layer as all commands build it: sigmoid units, tied weights. */
export const layerOf = (units: number): Autoencoder => basicAutoencoder({ units });

/** The classifier that a description stands for. */
export const classifierOf = ({ layers, classes }: Description): Classifier =>
  classifier({ layers: layers.map((units) => layerOf(units).encoder), classes });

/** Writes weights with their description: whole or not at all. */
export async function writeModel(
  path: string,
  { kind, inputs, layers, classes }: Description,
  weights: TensorTree,
): Promise<void> {
  const metadata = {
    format: FORMAT,
    kind,
    inputs: `${inputs}`,
    layers: layers.join(","),
    classes: `${classes}`,
  };
  await writeBytes(path, encodeSafetensors({ metadata, tensors: await treeToArrays(weights) }));
}

/** Reads a file of a kind. Throws an error that names the file and what it holds instead. */
export async function readModel(path: string, kind: Description["kind"]): Promise<ModelFile> {
  const { tensors, metadata } = parseSafetensors(await readBytes(path), path);
  if (metadata.format !== FORMAT || metadata.kind !== kind) {
    const found =
      metadata.format === FORMAT
        ? `${metadata.kind} layers or weights`
        : "weights of another program";
    const maker = kind === "classifier" ? "finetune" : "pretrain";
    throw new Error(`${path}: expected a file of "layerwise ${maker}", found ${found}`);
  }
  const layers = (metadata.layers ?? "").split(",").map(Number);
  const inputs = Number(metadata.inputs);
  const classes = Number(metadata.classes);
  if (![inputs, ...layers].every((n) => Number.isSafeInteger(n) && n >= 1)) {
    throw new Error(
      `${path}: expected sizes of layers, found inputs ${metadata.inputs}, layers ${metadata.layers}`,
    );
  }
  return { path, kind, inputs, layers, classes, tensors };
}

const FORMAT = "layerwise";
