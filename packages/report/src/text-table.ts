import { type Align, type Cell, tableText } from "./format-number.ts";

/** Holds the options of {@link textTable}. */
export interface TextTableOptions {
  /** Column titles, underlined. Default none. */
  readonly header?: readonly string[];
  /** Alignment of each column. Default right for columns of numbers, left for others. */
  readonly align?: readonly Align[];
}

/**
 * Lays out rows as a plain-text table with two spaces between columns.
 *
 * Rows may be of different lengths; missing cells are empty.
 *
 * @example
 * ```ts
 * import { textTable } from "@layerwise/report";
 *
 * const text = textTable([["AE", 1.4], ["RBM", 12]], { header: ["method", "error"] });
 * if (text !== "method  error\n------  -----\nAE        1.4\nRBM      12.0") throw new Error(text);
 * ```
 */
export function textTable(
  rows: readonly (readonly Cell[])[],
  { header = [], align }: TextTableOptions = {},
): string {
  const columns = Math.max(header.length, ...rows.map((row) => row.length), 0);
  const { cells, aligns } = tableText(columns, rows, align);
  const lines = [header, ...cells].map((row) =>
    Array.from({ length: columns }, (_, j) => (row[j] ?? "").replace(/\s+/g, " ")),
  );
  const widths = Array.from({ length: columns }, (_, j) =>
    Math.max(...lines.map((cells) => width(cells[j] ?? ""))),
  );
  const layOut = (cells: readonly string[]): string =>
    cells
      .map((cell, j) => pad(cell, widths[j] ?? 0, aligns[j] ?? "left"))
      .join("  ")
      .trimEnd();
  const [title = [], ...body] = lines;
  const rule = widths.map((w) => "-".repeat(w));
  return (header.length > 0 ? [title, rule, ...body] : body).map(layOut).join("\n");
}

// Code points, not UTF-16 units: an emoji or 𝑥 is one character wide, not two.
const width = (text: string): number => [...text].length;

function pad(text: string, to: number, align: Align): string {
  const room = to - width(text);
  const before = align === "right" ? room : align === "center" ? Math.floor(room / 2) : 0;
  return " ".repeat(before) + text + " ".repeat(room - before);
}
