import process from "node:process";
import {
  formatDuration,
  htmlReport,
  type ImageGridSection,
  type LineChartSection,
  type ReportSection,
} from "@layerwise/report";
import { version_core } from "@tensorflow/tfjs-core";
import { type Condition, conditions, unlabelledUpdatesOf, updatesOf } from "./jobs.ts";
import type { Outcome } from "./pool.ts";
import type { Settings } from "./settings.ts";
import { cell, header, runOf, tableRows } from "./table.ts";
import type { Images, Pretrained, Result } from "./train.ts";

const names = Object.entries(conditions) as [Condition, string][];

const grouped = (n: number): string => n.toLocaleString("en");

/** The report of a study, as far as it got. */
export function reportPage(
  settings: Settings,
  { results, backend, interrupted }: Outcome,
  seconds: number,
): string {
  const { depth, epochs, seed } = settings;
  const pretrained = results.find((r): r is Pretrained => r.kind === "pretrain");
  const at = (condition: Condition): string => cell(runOf(results, condition, depth), epochs);
  return htmlReport({
    title: "What pre-training does to deep sigmoid networks",
    summary: summaryOf(settings, interrupted),
    facts: [
      ...names.map(([condition, name]) => [`${depth} layers, ${name}`, at(condition)] as const),
      ["time", formatDuration(seconds)],
      ["seed", seed],
    ],
    sections: [
      {
        kind: "table",
        title: "Test error",
        columns: header,
        rows: tableRows(results, settings),
        align: ["left", "right", "right", "right"],
        caption: `On ${grouped(settings.test)} test digits, after ${epochs} epochs with labels.`,
      },
      byDepth(results, settings),
      ...names.flatMap(([condition, name]) => learningCurves(results, settings, condition, name)),
      ...(pretrained ? pretrainingSections(pretrained, settings) : []),
      ...randomFilters(results, settings),
      settingsTable(settings),
    ],
    footer: `layerwise on TensorFlow.js ${version_core} (${backend}), Node ${process.version}, ${process.platform} ${process.arch}. ${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC.`,
  });
}

const summaryOf = (settings: Settings, interrupted: boolean): string =>
  (interrupted ? "Stopped before the end: this is what was done until then.\n\n" : "") +
  `Sigmoid networks of 1 to ${settings.depth} hidden layers of ${settings.units} units learn ` +
  `${grouped(settings.train)} MNIST digits, all with the initialisation of their time, U(±1/√fan-in), and all with the same ` +
  `${grouped(updatesOf(settings))} updates from labels. One set starts from layers that were pre-trained without labels on the ` +
  "same digits, each as a denoising autoencoder. The control has what is used today: rectifiers and He's initialisation.";

const byDepth = (results: readonly Result[], { depth }: Settings): LineChartSection => ({
  kind: "lineChart",
  title: "Error by depth",
  xLabel: "hidden layers",
  yLabel: "test error, %",
  yScale: "log",
  curves: names.map(([condition, label]) => ({
    label,
    y: Array.from(
      { length: depth },
      (_, i) => runOf(results, condition, i + 1)?.errors.at(-1) ?? Number.NaN,
    ),
  })),
});

function learningCurves(
  results: readonly Result[],
  { depth }: Settings,
  condition: Condition,
  name: string,
): LineChartSection[] {
  const curves = Array.from({ length: depth }, (_, i) => ({
    label: i === 0 ? "1 layer" : `${i + 1} layers`,
    y: runOf(results, condition, i + 1)?.errors ?? [],
  })).filter(({ y }) => y.length > 0);
  if (curves.length === 0) return [];
  return [
    {
      kind: "lineChart",
      title: `Learning curves ${condition === "control" ? "of the control" : name}`,
      xLabel: "epoch with labels",
      yLabel: "test error, %",
      yScale: "log",
      curves,
    },
  ];
}

function pretrainingSections(run: Pretrained, { corruption }: Settings): ReportSection[] {
  const losses: LineChartSection = {
    kind: "lineChart",
    title: "Pre-training",
    xLabel: "epoch without labels",
    yLabel: "reconstruction loss, nats",
    curves: run.losses
      .map((y, i) => ({ label: `layer ${i + 1}`, y }))
      .filter(({ y }) => y.length > 0),
    caption: "Cross-entropy of the inputs of each layer, summed over them, mean over the digits.",
  };
  if (run.layers === 0) return [losses];
  const byAll = { label: `by all ${run.layers} layers`, images: run.byAll };
  const pictures: ImageGridSection = {
    kind: "imageGrid",
    title: "Reconstructions of test digits",
    height: 28,
    width: 28,
    range: [0, 1],
    rows: [
      { label: "original", images: run.original },
      { label: `${100 * corruption} % set to 0`, images: run.corrupted },
      { label: "by layer 1", images: run.byFirst },
      ...(run.layers > 1 ? [byAll] : []),
    ],
  };
  const title = "First-layer filters after pre-training, before any label";
  return [losses, pictures, filters(title, run.filters)];
}

const randomFilters = (results: readonly Result[], { depth }: Settings): ReportSection[] => {
  const images = runOf(results, "without", depth)?.filters ?? [];
  const title = `First-layer filters of ${depth} layers without pre-training, after training`;
  return images.length > 0 ? [filters(title, images)] : [];
};

const filters = (title: string, images: Images): ImageGridSection => ({
  kind: "imageGrid",
  title,
  height: 28,
  width: 28,
  scale: "diverging",
  range: "each",
  rows: Array.from({ length: Math.ceil(images.length / 10) }, (_, i) => ({
    images: images.slice(10 * i, 10 * i + 10),
  })),
});

const settingsTable = (settings: Settings): ReportSection => {
  return {
    kind: "table",
    title: "Settings",
    columns: ["what", "value"],
    align: ["left", "right"],
    rows: [
      ["seed", settings.seed],
      ["training digits", grouped(settings.train)],
      ["test digits", grouped(settings.test)],
      ["units in a hidden layer", settings.units],
      ["batch size", settings.batchSize],
      ["epochs with labels", settings.epochs],
      ["updates with labels, of every network", grouped(updatesOf(settings))],
      ["learning rate, sigmoid networks", settings.learningRate],
      ["learning rate, control", settings.controlLearningRate],
      ["epochs without labels, of each layer", settings.pretrainEpochs],
      [
        `updates without labels, of all ${settings.depth} layers together`,
        grouped(unlabelledUpdatesOf(settings)),
      ],
      ["learning rate without labels", settings.pretrainLearningRate],
      ["fraction of inputs set to 0", settings.corruption],
    ],
    caption:
      "Plain stochastic gradient descent with a constant rate, tied weights, output weights that start at 0. " +
      "Updates without labels come on top, for the pre-trained networks alone.",
  };
};
