import { element, escapeHtml } from "./escape-html.ts";
import { type Cell, cellText } from "./format-number.ts";
import { STYLE } from "./html-style.ts";
import { paragraphs, type ReportSection, sectionHtml } from "./sections.ts";

/** Is the content of a report. */
export interface Report {
  /** Title of the page. */
  readonly title: string;
  /** The outcome in a few plain sentences, at the top. Default nothing. */
  readonly summary?: string;
  /** Key figures by name, such as the test error, below the summary. Default none. */
  readonly facts?: readonly (readonly [name: string, value: Cell])[];
  /** Sections in reading order. */
  readonly sections: readonly ReportSection[];
  /** A closing line, such as versions and the time of the run. Default nothing. */
  readonly footer?: string;
  /** Language of the text, a BCP 47 tag. Default `"en"`. */
  readonly language?: string;
}

/**
 * Makes a report as one self-contained HTML page.
 *
 * Nothing is loaded from a network and no script runs: images are inside the page, and its content
 * security policy forbids the rest. It follows the reader's light or dark theme, prints, fits a phone,
 * and gives every chart a description and its numbers as a table. All text is escaped.
 *
 * @throws RangeError when arrays of a chart or image do not fit together.
 *
 * @example
 * ```ts
 * import { htmlReport } from "@layerwise/report";
 *
 * const page = htmlReport({
 *   title: "Denoising autoencoder on MNIST",
 *   facts: [["test error", "1.4 %"]],
 *   sections: [
 *     { kind: "paragraph", title: "Method", text: "Three layers, masking noise 0.25." },
 *     { kind: "lineChart", title: "Loss", xLabel: "epoch", yLabel: "loss", curves: [{ label: "train", y: [3, 2, 1] }] },
 *   ],
 * });
 * if (!page.startsWith("<!doctype html>")) throw new Error("not a page");
 * ```
 */
export function htmlReport({
  title,
  summary = "",
  facts = [],
  sections,
  footer = "",
  language = "en",
}: Report): string {
  const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";
  const factList = facts.map(([name, value]) =>
    element(
      "div",
      {},
      element("dt", {}, escapeHtml(name)),
      element("dd", {}, escapeHtml(cellText(value))),
    ),
  );
  const header = element(
    "header",
    {},
    element("h1", {}, escapeHtml(title)),
    summary && element("div", { class: "summary" }, paragraphs(summary)),
    facts.length > 0 ? element("dl", { class: "facts" }, ...factList) : "",
  );
  const body = sections.map((section, i) => sectionHtml(section, `section-${i + 1}`));
  const closing = footer && element("footer", {}, escapeHtml(footer));
  return [
    "<!doctype html>",
    `<html lang="${escapeHtml(language)}">`,
    "<head>",
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    element("title", {}, escapeHtml(title)),
    `<style>${STYLE}</style>`,
    "</head>",
    element("body", {}, element("main", {}, header, ...body, closing)),
    "</html>",
    "",
  ].join("\n");
}
