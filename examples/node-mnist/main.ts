// Why anyone would pre-train, on real MNIST in a few minutes: `npm start`, options with `npm start -- --help`.
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { mnist, take, writeBytes } from "@layerwise/data";
import { formatDuration, textTable } from "@layerwise/report";
import { openDisplay } from "./display.ts";
import { unlabelledUpdatesOf, updatesOf } from "./jobs.ts";
import { reportPage } from "./page.ts";
import { runStudy } from "./pool.ts";
import { type Options, parseOptions, usage } from "./settings.ts";
import { header, tableRows } from "./table.ts";
import type { Digits } from "./train.ts";

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    console.log(usage);
    return 0;
  }
  const options = parseOptions(args);
  const digits = await load(options);
  // Before the work, not after it: a path that cannot be written is known at once.
  mkdirSync(dirname(options.out), { recursive: true });

  const start = performance.now();
  console.log(
    `${options.train} digits, 1 to ${options.depth} layers of ${options.units} units, ${updatesOf(options)} updates with labels ` +
      `for each network;\npre-training: ${unlabelledUpdatesOf(options)} updates without labels for all layers together. ` +
      "Ctrl-C stops and reports what is done.",
  );
  const display = openDisplay(options);
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) return;
    display.say("Stopping ...");
    controller.abort();
  };
  process.on("SIGINT", interrupt);
  const outcome = await runStudy(options, digits, controller.signal, display).finally(() =>
    display.close(),
  );
  const seconds = (performance.now() - start) / 1000;
  await writeBytes(options.out, reportPage(options, outcome, seconds));

  const table = textTable(tableRows(outcome.results, options), {
    header,
    align: ["left", "right", "right", "right"],
  });
  console.log(`\nTest error after ${options.epochs} epochs\n\n${table}\n`);
  console.log(`${formatDuration(seconds)} on ${outcome.backend}. Report: ${options.out}`);
  return outcome.interrupted ? 130 : 0;
}

async function load({ data, train, test }: Options): Promise<Digits> {
  const all = await mnist(data === undefined ? {} : { source: data });
  return { train: take(all.train, train), test: take(all.test, test) };
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
