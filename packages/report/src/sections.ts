import { type BoxPlot, boxPlotSvg } from "./box-plot.ts";
import { boxPlotData, lineChartData } from "./chart-data.ts";
import { type LineChart, thinNote } from "./curve.ts";
import { element, escapeHtml } from "./escape-html.ts";
import { htmlTable, type TableContent } from "./html-table.ts";
import { type ImageGrid, imageGrid } from "./image-grid.ts";
import { lineChartSvg } from "./line-chart.ts";

/** Is text under an optional heading; an empty line begins a new paragraph. */
export interface ParagraphSection {
  readonly kind: "paragraph";
  /** Heading. Default none. */
  readonly title?: string;
  /** Plain text. */
  readonly text: string;
}

/** Adds a line of explanation to a section that shows something. */
export interface Captioned {
  /** What the reader should know or notice. Default nothing. */
  readonly caption?: string;
}

/** Is a table under a heading. */
export interface TableSection extends TableContent, Captioned {
  readonly kind: "table";
  /** Heading. */
  readonly title: string;
}

/** Is a line chart under a heading. */
export interface LineChartSection extends LineChart, Captioned {
  readonly kind: "lineChart";
}

/** Is a box plot under a heading. */
export interface BoxPlotSection extends BoxPlot, Captioned {
  readonly kind: "boxPlot";
}

/** Is a grid of images under a heading. */
export interface ImageGridSection extends ImageGrid, Captioned {
  readonly kind: "imageGrid";
}

/** Is one section of a report. */
export type ReportSection =
  | ParagraphSection
  | TableSection
  | LineChartSection
  | BoxPlotSection
  | ImageGridSection;

/** Makes the markup of a section; `id` is unique in the page. */
export function sectionHtml(section: ReportSection, id: string): string {
  const heading = section.title ? element("h2", { id }, escapeHtml(section.title)) : "";
  const labelledBy = section.title ? id : undefined;
  return element("section", { "aria-labelledby": labelledBy }, heading, content(section, id));
}

function content(section: ReportSection, id: string): string {
  switch (section.kind) {
    case "paragraph":
      return paragraphs(section.text);
    case "table":
      return figure(htmlTable(section, section.title), section.caption);
    case "lineChart": {
      const { note, ...data } = lineChartData(section);
      const drawing = bothWidths((width, part) => lineChartSvg(section, { width, id: part }), id);
      return (
        figure(drawing, section.caption, thinNote(section.curves)) +
        dataTable(data, section.title, note)
      );
    }
    case "boxPlot": {
      const drawing = bothWidths((width, part) => boxPlotSvg(section, { width, id: part }), id);
      const rule =
        "Boxes: quartiles and median; whiskers: last values within 1.5 box heights; dots: values beyond, " +
        "or all where there are fewer than five.";
      return (
        figure(drawing, section.caption, rule) + dataTable(boxPlotData(section), section.title)
      );
    }
    case "imageGrid": {
      const { body, scaleNote } = imageGrid(section);
      return figure(body, section.caption, scaleNote);
    }
  }
}

/** Makes paragraphs of plain text. */
export const paragraphs = (text: string): string =>
  text
    .split(/\n\s*\n/)
    .filter((part) => part.trim() !== "")
    .map((part) => element("p", {}, escapeHtml(part.trim())))
    .join("");

// Scaling one drawing down to a phone would make its text too small to read, so there are two, and
// the style sheet shows the one that fits.
const bothWidths = (draw: (width: number, id: string) => string, id: string): string =>
  element("div", { class: "wide" }, draw(720, `${id}-wide`)) +
  element("div", { class: "narrow" }, draw(340, `${id}-narrow`));

function figure(body: string, ...notes: readonly (string | undefined)[]): string {
  const text = notes.filter(Boolean).join(" ");
  const caption = text && element("figcaption", {}, escapeHtml(text));
  return element("figure", {}, body, caption);
}

function dataTable(data: TableContent, title: string, note = ""): string {
  const summary = element("summary", {}, "Data");
  const remark = note && element("p", { class: "note" }, escapeHtml(note));
  return element("details", {}, summary, htmlTable(data, `${title}: data`), remark);
}
