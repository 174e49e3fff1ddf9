import { scaleBand } from "d3-scale";
import { layOut, type PlotArea, xAxis, yAxis, yAxisWidth, yRoom } from "./axis.ts";
import { type BoxStats, boxStats } from "./box-stats.ts";
import { element } from "./escape-html.ts";
import { formatNumber } from "./format-number.ts";
import { drawable, type NumberScale, numberScale, type ScaleKind, ticks } from "./number-scale.ts";
import { legend, seriesColor } from "./series.ts";
import { fit, round, rule, type SvgOptions, svg, text } from "./svg.ts";

/** Is one group of a box plot. */
export interface BoxGroup {
  /** Name, shown below the group. */
  readonly label: string;
  /** Values of each series, in the order of the chart's `series`. */
  readonly values: readonly ArrayLike<number>[];
}

/** Is a chart of distributions, in groups along the x axis and side by side within a group. */
export interface BoxPlot {
  /** Name of the chart. */
  readonly title: string;
  /** Name of the x axis. */
  readonly xLabel: string;
  /** Name of the y axis. */
  readonly yLabel: string;
  /** Names of the boxes within a group. */
  readonly series: readonly string[];
  /** What is drawn. */
  readonly groups: readonly BoxGroup[];
  /** Spacing of the y axis. Default `"linear"`. */
  readonly yScale?: ScaleKind;
}

// Fewer values than a box has numbers: the values themselves say more.
const FEWEST_FOR_A_BOX = 5;

/**
 * Draws box plots by group as a complete SVG file, with its legend inside.
 *
 * Boxes, whiskers and outliers as in `boxStats`; fewer than five values are drawn as points.
 *
 * @throws RangeError when a group has another number of series than the chart.
 *
 * @example
 * ```ts
 * import { boxPlotSvg } from "@layerwise/report";
 *
 * const svg = boxPlotSvg({
 *   title: "Test error by depth",
 *   xLabel: "hidden layers",
 *   yLabel: "test error, %",
 *   series: ["random", "pre-trained"],
 *   groups: [{ label: "1", values: [[1.9, 2, 2.1, 2, 1.8], [1.4, 1.5, 1.4, 1.3, 1.5]] }],
 * });
 * if (!svg.startsWith("<svg")) throw new Error("not SVG");
 * ```
 */
export function boxPlotSvg(chart: BoxPlot, { width = 720, id = "chart" }: SvgOptions = {}): string {
  const { title, xLabel, yLabel, series, groups, yScale = "linear" } = chart;
  for (const { label, values } of groups) {
    if (values.length !== series.length) {
      throw new RangeError(
        `box plot: expected ${series.length} series in group "${label}", got ${values.length}`,
      );
    }
  }
  const key = legend(series, width, "box");
  const { height, ...edges } = layOut(width, key.height);
  const all = groups.flatMap(({ values }) => values.flatMap((v) => Array.from(v)));
  const y = numberScale(yScale, all, [edges.bottom, edges.top]);
  const frame = { id, title, description: describeBoxes(chart), width, height };
  if (!y) {
    const note = yScale === "log" ? "No positive values to draw." : "No finite values to draw.";
    return svg({ ...frame, height: key.height + 40 }, key.body, text(0, key.height + 24, note));
  }
  const yTicks = ticks(y, { count: 6, room: yRoom });
  const area: PlotArea = { left: yAxisWidth(yTicks), ...edges };
  const places = groups.map((_, i) => i);
  const x = scaleBand<number>(places, [area.left, area.right]).paddingInner(0.3).paddingOuter(0.15);
  const slots = scaleBand<number>(
    series.map((_, i) => i),
    [0, x.bandwidth()],
  ).padding(0.15);
  const drawn = groups.flatMap(({ values }, g) =>
    values.map((v, s) => {
      const finite = Array.from(v).filter((value) => drawable(value, yScale));
      const from = (x(g) ?? 0) + (slots(s) ?? 0);
      const boxWidth = Math.min(slots.bandwidth(), 44);
      const left = from + (slots.bandwidth() - boxWidth) / 2;
      return element("g", seriesColor(s), drawBox(finite, left, boxWidth, y));
    }),
  );
  const labels = groups.map(({ label }, g) => ({
    at: (x(g) ?? 0) + x.bandwidth() / 2,
    label: fit(label, x.step()),
  }));
  return svg(frame, key.body, yAxis(yTicks, yLabel, area), xAxis(labels, xLabel, area), ...drawn);
}

function drawBox(values: readonly number[], left: number, width: number, y: NumberScale): string {
  const middle = left + width / 2;
  const dots = (ys: readonly number[]): string =>
    ys
      .map((v) =>
        element("circle", { cx: round(middle), cy: round(y(v)), r: 3, fill: "currentColor" }),
      )
      .join("");
  const stats = boxStats(values);
  if (!stats || stats.count < FEWEST_FOR_A_BOX) return dots(values);
  const { q1, median, q3, low, high, outliers } = stats;
  const whisker = (value: number, edge: number): string =>
    rule(middle, y(value), middle, y(edge), { "stroke-width": 1.5 }) +
    rule(middle - width / 4, y(value), middle + width / 4, y(value), { "stroke-width": 1.5 });
  const box = {
    x: round(left),
    y: round(y(q3)),
    width: round(width),
    height: round(y(q1) - y(q3)),
    fill: "currentColor",
    "fill-opacity": 0.25,
    stroke: "currentColor",
    "stroke-width": 1.5,
  };
  return (
    whisker(low, q1) +
    whisker(high, q3) +
    element("rect", box) +
    rule(left, y(median), left + width, y(median), { "stroke-width": 2.5 }) +
    dots(outliers)
  );
}

function describeBoxes({ groups, series, xLabel, yLabel }: BoxPlot): string {
  const parts = groups.flatMap(({ label, values }) =>
    values.map((v, s) => {
      const name = [label, series.length > 1 ? series[s] : ""].filter(Boolean).join(", ");
      const stats: BoxStats | undefined = boxStats(v);
      if (!stats) return `${name}: no values.`;
      const { median, q1, q3, count } = stats;
      return `${name}: median ${formatNumber(median)}, quartiles ${formatNumber(q1)} and ${formatNumber(q3)}, ${count} values.`;
    }),
  );
  return [`Box plots of ${yLabel} by ${xLabel}.`, ...parts].join(" ");
}
