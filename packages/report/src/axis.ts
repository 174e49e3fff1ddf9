import type { Tick } from "./number-scale.ts";
import { FONT_SIZE, rule, text, textWidth } from "./svg.ts";

/** Is the rectangle into which the data is drawn, in pixels. */
export interface PlotArea {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

// Free space right of a plot, for the last label of the x axis.
const RIGHT_MARGIN = 24;

/** Returns a chart's height and the edges of its plot, but for the left one: that is up to the labels. */
export function layOut(
  width: number,
  legendHeight: number,
): Omit<PlotArea, "left"> & { readonly height: number } {
  const height = Math.round(Math.max(250, width * 0.48) + legendHeight);
  return { height, top: legendHeight + 34, bottom: height - 48, right: width - RIGHT_MARGIN };
}

/** Returns the room that the labels of a y axis need on its left. */
export const yAxisWidth = (labels: readonly Tick[]): number =>
  Math.ceil(Math.max(...labels.map(({ label }) => textWidth(label)), 0)) + 10;

/** Is the room for a label along a y axis. */
export const yRoom = (): number => FONT_SIZE * 1.6;

/** Is the room for a label along an x axis. */
export const xRoom = (label: string): number => textWidth(label) + 12;

/** Draws the grid and labels of a y axis, with its name above it. */
export function yAxis(labels: readonly Tick[], name: string, area: PlotArea): string {
  const grid = labels.map(
    ({ at, label }) =>
      rule(area.left, at, area.right, at, { "stroke-opacity": 0.14 }) +
      text(area.left - 8, at + FONT_SIZE * 0.36, label, "end", { "fill-opacity": 0.75 }),
  );
  return grid.join("") + text(0, area.top - 17, name, "start", { "font-weight": 600 });
}

/** Draws the line, marks and labels of an x axis, with its name below it. */
export function xAxis(labels: readonly Tick[], name: string, area: PlotArea): string {
  const marks = labels.map(
    ({ at, label }) =>
      rule(at, area.bottom, at, area.bottom + 5, { "stroke-opacity": 0.5 }) +
      text(
        Math.min(at, area.right + RIGHT_MARGIN - textWidth(label) / 2),
        area.bottom + 19,
        label,
        "middle",
        { "fill-opacity": 0.75 },
      ),
  );
  return (
    rule(area.left, area.bottom, area.right, area.bottom, { "stroke-opacity": 0.5 }) +
    marks.join("") +
    text((area.left + area.right) / 2, area.bottom + 40, name, "middle", { "font-weight": 600 })
  );
}
