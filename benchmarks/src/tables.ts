import { entries } from "./contestants/index.ts";
import type { ExecutorTimes, Stages } from "./executor.ts";
import type { Summary } from "./rounds.ts";
import type { Spread } from "./statistics.ts";
import type { Workload } from "./workloads.ts";

const show = (value: number): string => (value < 1000 ? value.toPrecision(3) : value.toFixed(0));
const range = ({ median, q1, q3 }: Spread): string => `${show(median)} [${show(q1)}–${show(q3)}]`;

/** One workload as a table in Markdown. */
export function workloadTable(
  { title }: Workload,
  summary: Readonly<Record<string, Summary>>,
): string {
  const rows = Object.entries(summary).map(
    ([name, { ms, fastest, ratio, cpu, cpuRatio, firstStep, ...row }]) => [
      entries.find((entry) => entry.name === name)?.title ?? name,
      show(ms.median),
      show(fastest),
      range(ratio),
      show(cpu.median),
      range(cpuRatio),
      show(firstStep),
      row.lossDifference.toExponential(0),
    ],
  );
  const head = [
    "",
    "ms/step",
    "fastest",
    "ratio [middle half]",
    "CPU ms/step",
    "ratio [middle half]",
    "first step, ms",
    "Δ loss",
  ];
  return `\n${title}\n\n${table(head, rows)}\n`;
}

/** All workloads: milliseconds of the first contestant of each, and ratios of the others. */
export function overview(
  results: readonly {
    readonly workload: Workload;
    readonly summary: Readonly<Record<string, Summary>>;
  }[],
): string {
  const shown = entries.filter(({ name }) => results.some(({ summary }) => name in summary));
  const rows = results.map(({ workload, summary }) => {
    const [first] = Object.keys(summary);
    const cell = (name: string): string => {
      const row = summary[name];
      if (row === undefined) return "–";
      return name === first ? `${show(row.ms.median)} ms` : show(row.ratio.median);
    };
    return [workload.name, ...shown.map(({ name }) => cell(name))];
  });
  return `\nOverview\n\n${table(["", ...shown.map(({ name }) => name)], rows)}\n`;
}

/** How long it takes to compile the steps, and how much of a step is not products. */
export function executorTable(times: readonly ExecutorTimes[]): string {
  const sum = ({ trace, optimize, prepare }: Stages): string =>
    `${[trace, optimize, prepare].map(show).join(" + ")} = ${show(trace + optimize + prepare)}`;
  const rows = times.map(({ workload, nodes, first, again, step, products }) => [
    workload,
    `${nodes}`,
    sum(first),
    sum(again),
    ...[step, products, step - products].map((ms) => show(1000 * ms)),
  ]);
  const head = [
    "",
    "nodes",
    "trace + optimize + prepare, first time, ms",
    "again, ms",
    "step on one thread, µs",
    "its products alone",
    "the rest",
  ];
  return `\nThe executor\n\n${table(head, rows)}\n`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
