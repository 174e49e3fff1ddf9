import { entries } from "./contestants/index.ts";
import type { Overhead } from "./overhead.ts";
import type { Summary } from "./rounds.ts";
import type { Spread } from "./statistics.ts";
import type { Workload } from "./workloads.ts";

const show = (value: number): string => value.toPrecision(3);
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

/** What is not computation: per kernel, and once per compiled step. */
export function overheadTable({ chain, compile }: Overhead): string {
  const kernels = chain.map(({ size, raw, compiled, eager }) => [
    `[${size}, ${size}]`,
    ...[raw, compiled, eager, compiled - raw, eager - raw].map(show),
  ]);
  const stages = compile.map(({ workload, kernels: count, cold, warm }) => [
    workload,
    `${count.layerwise} / ${count.tfjs}`,
    ...[cold, warm].map(({ trace, optimize, prepare }) =>
      [trace, optimize, prepare].map(show).join(" + "),
    ),
  ]);
  const headOfChain = [
    "",
    "kernel itself, µs",
    "compiled",
    "tfjs",
    "interpreter adds",
    "tfjs adds",
  ];
  const headOfCompile = [
    "",
    "kernels per step, layerwise / tfjs",
    "trace + optimize + prepare, first time, ms",
    "again, ms",
  ];
  return [
    "\nOverhead per kernel (100 of add and tanh, one after the other)\n",
    table(headOfChain, kernels),
    "\nFrom a function to something that runs\n",
    table(headOfCompile, stages),
    "",
  ].join("\n");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
