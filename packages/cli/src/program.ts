import { readFileSync } from "node:fs";
import { Command, Option } from "commander";
import { backends } from "./backend-name.ts";
import { fraction, layerSizes, positive, whole } from "./parse.ts";

/**
 * Makes the command line; `end` hears the exit code of the command that ran.
 *
 * Commands load what they need when they run, so that help and usage errors do not wait for it.
 */
export function program(end: (code: number) => void): Command {
  const root = new Command("layerwise")
    .description(
      "Pre-train networks without labels, fine-tune them with a few, and see what it gains.",
    )
    .version(version())
    .exitOverride()
    .showSuggestionAfterError(false);
  const command = (name: string, text: string): Command =>
    root.command(name).description(text).addOption(backendOption()).exitOverride();

  training(command("pretrain", "Train a stack of denoising autoencoders on images without labels."))
    .argument("<images>", "IDX file of images, plain or gzip")
    .requiredOption("-o, --output <file>", "where to write the weights (safetensors)")
    .addOption(
      new Option("--layers <sizes>", "units of the layers, from the input upwards")
        .argParser(layerSizes)
        .default([300, 300, 300], "300,300,300"),
    )
    .option("--corruption <fraction>", "inputs that are set to 0 in training", fraction, 0.25)
    .option("--learning-rate <rate>", "of stochastic gradient descent", positive, 0.3)
    .action(async (images, options) => {
      const { pretrain } = await import("./commands/pretrain.ts");
      end(await pretrain(images, options));
    });

  training(
    command("finetune", "Train a classifier with labels, from pre-trained layers or from scratch."),
  )
    .argument("<images>", "IDX file of images, plain or gzip")
    .argument("<labels>", "IDX file of their labels")
    .requiredOption("-o, --output <file>", "where to write the classifier (safetensors)")
    .option("--pretrained <file>", "weights from `layerwise pretrain`")
    .option(
      "--layers <sizes>",
      "units of the hidden layers (default: those of --pretrained)",
      layerSizes,
    )
    .option("--classes <count>", "number of classes (default: the largest label + 1)", whole(2))
    .option(
      "--head-epochs <count>",
      "epochs of the output layer alone, before all of it",
      whole(0),
      0,
    )
    .option("--learning-rate <rate>", "of stochastic gradient descent", positive, 0.5)
    .action(async (images, labels, options) => {
      const { finetune } = await import("./commands/finetune.ts");
      end(await finetune(images, labels, options));
    });

  command("evaluate", "Print the error rate of a classifier.")
    .argument("<classifier>", "file from `layerwise finetune`")
    .argument("<images>", "IDX file of images, plain or gzip")
    .argument("<labels>", "IDX file of their labels")
    .action(async (file, images, labels, options) => {
      const { evaluate } = await import("./commands/evaluate.ts");
      end(await evaluate(file, images, labels, options));
    });

  command("info", "Print what computations run on.").action(async (options) => {
    const { info } = await import("./commands/info.ts");
    end(await info(options));
  });
  return root;
}

// Beside `src` and beside `dist`.
function version(): string {
  const file = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(file) as { readonly version: string }).version;
}

const backendOption = (): Option =>
  new Option("--backend <name>", "what to run on; auto is the GPU if there is one")
    .choices(backends)
    .default("auto");

const training = (command: Command): Command =>
  command
    .option("--epochs <count>", "passes over the images", whole(1), 10)
    .option("--batch-size <count>", "images in a step", whole(1), 50)
    .option("--limit <count>", "use only the first images", whole(1))
    .option("--seed <number>", "of weights, noise and order", whole(0), 0);
