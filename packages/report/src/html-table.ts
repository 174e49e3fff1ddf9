import { element, escapeHtml } from "./escape-html.ts";
import { type Align, type Cell, tableText } from "./format-number.ts";

/** Is a table's content. */
export interface TableContent {
  /** Column titles. */
  readonly columns: readonly string[];
  /** Rows of cells; missing cells are empty. */
  readonly rows: readonly (readonly Cell[])[];
  /** Alignment of each column. Default right for columns of numbers, left for others. */
  readonly align?: readonly Align[];
}

/** Makes a table that scrolls sideways where the page is too narrow. */
export function htmlTable({ columns, rows, align }: TableContent, name: string): string {
  const { cells, aligns } = tableText(columns.length, rows, align);
  const line = (tag: "th" | "td", row: readonly string[]): string =>
    columns
      .map((_, j) => {
        const scope = tag === "th" ? "col" : undefined;
        const side = aligns[j] === "left" ? undefined : aligns[j];
        return element(tag, { scope, class: side }, escapeHtml(row[j] ?? ""));
      })
      .join("");
  const head = element("thead", {}, element("tr", {}, line("th", columns)));
  const body = element("tbody", {}, ...cells.map((row) => element("tr", {}, line("td", row))));
  // Focusable, so that the keyboard can scroll it.
  const attributes = { class: "scroll", role: "region", tabindex: 0, "aria-label": name };
  return element("div", attributes, element("table", {}, head, body));
}
