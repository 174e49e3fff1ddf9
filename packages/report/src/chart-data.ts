import type { BoxPlot } from "./box-plot.ts";
import { boxStats } from "./box-stats.ts";
import { type CurvePoint, curvePoints, type LineChart } from "./curve.ts";
import { type Cell, formatNumber } from "./format-number.ts";
import type { TableContent } from "./html-table.ts";

const MOST_ROWS = 100;

/** Returns the numbers of a line chart as a table, of at most 100 rows evenly chosen. */
export function lineChartData({ curves, xLabel }: LineChart): TableContent & { note: string } {
  const byCurve = curves.map(
    (curve) => new Map(curvePoints(curve).map((point) => [point.x, point])),
  );
  const all = [...new Set(byCurve.flatMap((points) => [...points.keys()]))].sort((a, b) => a - b);
  const step = (all.length - 1) / (MOST_ROWS - 1);
  const xs =
    all.length <= MOST_ROWS
      ? all
      : Array.from({ length: MOST_ROWS }, (_, i) => all[Math.round(i * step)] as number);
  return {
    columns: [xLabel, ...curves.map(({ label }) => label)],
    rows: xs.map((x) => [x, ...byCurve.map((points) => pointCell(points.get(x)))]),
    note: xs.length < all.length ? `${xs.length} of ${all.length} rows, evenly chosen.` : "",
  };
}

function pointCell(point: CurvePoint | undefined): Cell {
  if (!point) return "";
  const { y, low, high } = point;
  if (low === undefined || high === undefined) return y;
  return `${formatNumber(y)} (${formatNumber(low)} to ${formatNumber(high)})`;
}

/** Returns the summaries behind a box plot as a table. */
export function boxPlotData({ groups, series, xLabel }: BoxPlot): TableContent {
  const rows = groups.flatMap(({ label, values }) =>
    values.map((v, s): Cell[] => {
      const stats = boxStats(v);
      const head = [label, series[s] ?? "", stats?.count ?? 0];
      if (!stats) return head;
      const { low, q1, median, q3, high, outliers } = stats;
      return [...head, low, q1, median, q3, high, outliers.map(formatNumber).join(", ")];
    }),
  );
  const numbers = ["values", "low whisker", "quartile 1", "median", "quartile 3", "high whisker"];
  return { columns: [xLabel, "series", ...numbers, "outliers"], rows };
}
