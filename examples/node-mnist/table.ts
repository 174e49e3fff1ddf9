import { type Condition, conditions } from "./jobs.ts";
import type { Settings } from "./settings.ts";
import type { Result, Trained } from "./train.ts";

/** The run of a condition at a depth, if it was begun. */
export const runOf = (
  results: readonly Result[],
  condition: Condition,
  depth: number,
): Trained | undefined =>
  results.find(
    (r): r is Trained => r.kind === "train" && r.condition === condition && r.depth === depth,
  );

/** Names of the table's columns. */
export const header: readonly string[] = ["depth", ...Object.values(conditions)];

/** Test error of every network, in percent, as text: one row for each depth. */
export const tableRows = (
  results: readonly Result[],
  { depth, epochs }: Settings,
): readonly (readonly string[])[] =>
  Array.from({ length: depth }, (_, i) => [
    `${i + 1}`,
    ...(Object.keys(conditions) as Condition[]).map((c) => cell(runOf(results, c, i + 1), epochs)),
  ]);

/** The last test error of a run; says so where that is not the end of the training asked for. */
export function cell(run: Trained | undefined, epochs: number): string {
  const error = run?.errors.at(-1);
  if (run?.diverged) return "diverged";
  if (run === undefined || error === undefined) return "not done";
  const done = run.errors.length;
  return `${error.toFixed(2)} %${done < epochs ? ` (epoch ${done} of ${epochs})` : ""}`;
}
