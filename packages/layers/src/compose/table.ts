import { showShape } from "../core/layer-error.ts";
import type { LayerSummary } from "./describe.ts";

/** What the rows of a description add up to. */
export interface ModelTotals {
  readonly parameters: number;
  /** Of the rows that know theirs. */
  readonly flops: number;
  readonly activations: number;
  /** The bytes of parameters and activations. */
  readonly bytes: number;
}

/** Options of {@link totalsOf}. */
export interface TotalsOptions {
  /** The number of samples whose activations are held and computed. Default 1. */
  readonly batchSize?: number | undefined;
  /** The bytes of one number. Default 4: float32. */
  readonly bytesPerValue?: number | undefined;
}

/**
 * Adds up a description: parameters, and operations, activations and bytes of a batch.
 *
 * The bytes are those of one copy of parameters and activations. Training holds a gradient for each
 * parameter and the state of the optimizer as well, and may hold more or fewer values for the
 * backward pass than each layer's output.
 *
 * @example
 * ```ts
 * import { dense, describe, totalsOf } from "@layerwise/layers";
 *
 * const { bytes } = totalsOf(describe(dense({ units: 3 }), [4]), { batchSize: 2 });
 * if (bytes !== 4 * (15 + 2 * 3)) throw new Error(String(bytes));
 * ```
 */
export function totalsOf(
  rows: readonly LayerSummary[],
  { batchSize = 1, bytesPerValue = 4 }: TotalsOptions = {},
): ModelTotals {
  const sum = (of: (row: LayerSummary) => number): number =>
    rows.reduce((total, row) => total + of(row), 0);
  const parameters = sum((row) => row.parameters);
  const activations = batchSize * sum((row) => row.activations);
  const flops = batchSize * sum((row) => row.flops ?? 0);
  return { parameters, flops, activations, bytes: bytesPerValue * (parameters + activations) };
}

/**
 * Formats a description as a text table with totals.
 *
 * @example
 * ```ts
 * import { dense, describe, toTable } from "@layerwise/layers";
 *
 * const text = toTable(describe(dense({ units: 3 }), [4]));
 * // layer  kind   output  parameters  flops  activations
 * //        dense  [3]             15     27            3
 * // total                         15     27            3
 * if (!text.endsWith("15     27            3")) throw new Error(text);
 * ```
 */
export function toTable(rows: readonly LayerSummary[]): string {
  const totals = totalsOf(rows);
  const cells = [
    ["layer", "kind", "output", "parameters", "flops", "activations"],
    ...rows.map(({ path, kind, outputShape, parameters, flops, activations }) => [
      path,
      kind,
      showShape(outputShape),
      ...[parameters, flops ?? "?", activations].map(String),
    ]),
    ["total", "", "", ...[totals.parameters, totals.flops, totals.activations].map(String)],
  ];
  const widths = [0, 1, 2, 3, 4, 5].map((i) =>
    Math.max(...cells.map((row) => row[i]?.length ?? 0)),
  );
  const pad = (cell: string, i: number): string =>
    i >= 3 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0);
  return cells.map((row) => row.map(pad).join("  ")).join("\n");
}
