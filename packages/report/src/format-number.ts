/**
 * Formats a number for people: integers in full, others with four significant digits.
 *
 * @example
 * ```ts
 * import { formatNumber } from "@layerwise/report";
 *
 * if (formatNumber(0.123456) !== "0.1235" || formatNumber(60000) !== "60000") throw new Error("wrong");
 * ```
 */
export function formatNumber(value: number): string {
  // Number() drops trailing zeros. Plain ASCII throughout, so that tables can be pasted into programs.
  return String(Number.isSafeInteger(value) ? value : Number(value.toPrecision(4)));
}

/** Is the content of a table cell; numbers are formatted and aligned right. */
export type Cell = string | number;

/** Is the side to which a column is aligned. */
export type Align = "left" | "right" | "center";

/** Returns a cell's text. */
export const cellText = (cell: Cell): string =>
  typeof cell === "number" ? formatNumber(cell) : cell;

/** Is the text of a table's cells and the alignment of its columns. */
export interface TableText {
  /** Rows of text, each as long as there are columns. */
  readonly cells: readonly (readonly string[])[];
  /** Alignment of each column. */
  readonly aligns: readonly Align[];
}

/** Formats the cells of a table: columns of numbers go right, with as many decimals in each row. */
export function tableText(
  columns: number,
  rows: readonly (readonly Cell[])[],
  given: readonly Align[] = [],
): TableText {
  const table = Array.from({ length: columns }, (_, j) => {
    const cells = rows.map((row) => row[j] ?? "");
    const numbers = cells.filter((cell) => typeof cell === "number");
    const numeric = numbers.length > 0 && cells.every((c) => c === "" || typeof c === "number");
    const format = numeric ? columnFormat(numbers) : cellText;
    return { align: given[j] ?? (numeric ? "right" : "left"), cells: cells.map(format) };
  });
  return {
    cells: rows.map((_, i) => table.map(({ cells }) => cells[i] ?? "")),
    aligns: table.map(({ align }) => align),
  };
}

function columnFormat(numbers: readonly number[]): (cell: Cell) => string {
  const sizes = numbers.filter((n) => n !== 0 && Number.isFinite(n)).map(Math.abs);
  const texts = sizes.map(formatNumber);
  // Over a wider range of sizes the common decimals would pretend to digits that were rounded away.
  const even = Math.max(...sizes) < 1000 * Math.min(...sizes) && !texts.some((t) => /e/.test(t));
  if (!even) return cellText;
  const decimals = Math.max(...texts.map((t) => t.split(".")[1]?.length ?? 0));
  return (cell) =>
    typeof cell === "number" && Number.isFinite(cell) ? cell.toFixed(decimals) : cellText(cell);
}
