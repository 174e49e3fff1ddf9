import { element, escapeHtml } from "./escape-html.ts";

/** Is the accessible wrapping of a chart. */
export interface SvgFrame {
  /** Start of the ids inside the drawing, unique in the page. */
  readonly id: string;
  /** Short name, read out by screen readers. */
  readonly title: string;
  /** What the drawing shows, in words. */
  readonly description: string;
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
}

/** Holds the options of charts that are drawn on their own. */
export interface SvgOptions {
  /** Width in pixels. Default 720. */
  readonly width?: number;
  /** Start of the ids in the drawing, unique in a page. Default `"chart"`. */
  readonly id?: string;
}

/** Font size of all text in charts, in pixels of the drawing. */
export const FONT_SIZE = 12;

/** Makes a complete SVG drawing with a title and a description. */
export function svg(
  { id, title, description, width, height }: SvgFrame,
  ...body: string[]
): string {
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: "img",
      "aria-labelledby": `${id}-title ${id}-description`,
      "font-family": "system-ui, sans-serif",
      "font-size": FONT_SIZE,
      fill: "currentColor",
    },
    element("title", { id: `${id}-title` }, escapeHtml(title)),
    element("desc", { id: `${id}-description` }, escapeHtml(description)),
    ...body,
  );
}

/** Makes a line of text. */
export function text(
  x: number,
  y: number,
  content: string,
  anchor: "start" | "middle" | "end" = "start",
  attributes: Readonly<Record<string, string | number>> = {},
): string {
  const place = { x: round(x), y: round(y), "text-anchor": anchor };
  return element("text", { ...place, ...attributes }, escapeHtml(content));
}

/** Makes a straight line in the current colour. */
export function rule(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  attributes: Readonly<Record<string, string | number>> = {},
): string {
  const ends = { x1: round(x1), y1: round(y1), x2: round(x2), y2: round(y2) };
  return element("line", { ...ends, stroke: "currentColor", ...attributes });
}

/** Rounds a coordinate to a hundredth of a pixel, which keeps files small. */
export const round = (x: number): number => Math.round(x * 100) / 100;

/** Estimates the width of text; there is no font to measure where these charts are made. */
export const textWidth = (content: string): number => [...content].length * FONT_SIZE * 0.56;

/** Cuts text to a width, with an ellipsis. */
export function fit(content: string, width: number): string {
  if (textWidth(content) <= width) return content;
  const room = Math.max(1, Math.floor(width / (FONT_SIZE * 0.56)) - 1);
  return `${[...content].slice(0, room).join("")}…`;
}
