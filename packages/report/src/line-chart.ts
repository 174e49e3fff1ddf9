import { area as areaPath, line } from "d3-shape";
import { layOut, type PlotArea, xAxis, xRoom, yAxis, yAxisWidth, yRoom } from "./axis.ts";
import { type CurvePoint, curvePoints, describeCurves, type LineChart, thin } from "./curve.ts";
import { element } from "./escape-html.ts";
import { drawable, type NumberScale, numberScale, type ScaleKind, ticks } from "./number-scale.ts";
import { legend, seriesColor, seriesDash } from "./series.ts";
import { round, rule, type SvgOptions, svg, text } from "./svg.ts";

/**
 * Draws a line chart as a complete SVG file, with its legend inside.
 *
 * Curves of more than a thousand points are drawn as the mean and range of neighbouring points.
 *
 * @throws RangeError when the arrays of a curve differ in length.
 *
 * @example
 * ```ts
 * import { lineChartSvg } from "@layerwise/report";
 *
 * const svg = lineChartSvg({
 *   title: "Loss",
 *   xLabel: "epoch",
 *   yLabel: "loss",
 *   yScale: "log",
 *   curves: [{ label: "train", y: [1, 0.1, 0.01] }],
 * });
 * if (!svg.startsWith("<svg")) throw new Error("not SVG");
 * ```
 */
export function lineChartSvg(
  chart: LineChart,
  { width = 720, id = "chart" }: SvgOptions = {},
): string {
  const { title, xLabel, yLabel, xScale = "linear", yScale = "linear" } = chart;
  const curves = chart.curves.map(curvePoints);
  const points = curves.flat();
  const key = legend(
    chart.curves.map(({ label }) => label),
    width,
    "line",
  );
  const { height, ...edges } = layOut(width, key.height);
  const y = numberScale(yScale, ordinates(points, xScale), [edges.bottom, edges.top]);
  const frame = { id, title, description: describeCurves(chart), width, height };
  const yTicks = y ? ticks(y, { count: 6, room: yRoom }) : [];
  const area: PlotArea = { left: yAxisWidth(yTicks), ...edges };
  const abscissae = points.filter((p) => drawable(p.y, yScale)).map((p) => p.x);
  const x = numberScale(xScale, abscissae, [area.left, area.right], true);
  if (!x || !y) {
    const note = yScale === "log" ? "No positive values to draw." : "No finite values to draw.";
    return svg({ ...frame, height: key.height + 40 }, key.body, text(0, key.height + 24, note));
  }
  const integers = abscissae.every(Number.isInteger);
  const drawn = curves.map((all, i) => {
    const shown = all.map((p) => (drawable(p.x, xScale) && drawable(p.y, yScale) ? p : gap(p)));
    const points = thin(shown);
    const spread = points.length < all.length ? "band" : (chart.spread ?? "band");
    const body = drawCurve(points, x, y, { dash: seriesDash(i), spread, yScale });
    return element("g", seriesColor(i), body);
  });
  return svg(
    frame,
    key.body,
    yAxis(yTicks, yLabel, area),
    xAxis(ticks(x, { count: 8, room: xRoom, integers }), xLabel, area),
    ...drawn,
  );
}

const gap = (p: CurvePoint): CurvePoint => ({ x: p.x, y: Number.NaN });

function* ordinates(
  points: readonly CurvePoint[],
  xScale: ScaleKind,
): Generator<number | undefined> {
  for (const { x, y, low, high } of points) {
    if (drawable(x, xScale) && Number.isFinite(y)) yield* [y, low, high];
  }
}

interface CurveStyle {
  readonly dash: string;
  readonly spread: "band" | "bars";
  readonly yScale: ScaleKind;
}

function drawCurve(
  points: readonly CurvePoint[],
  x: NumberScale,
  y: NumberScale,
  { dash, spread, yScale }: CurveStyle,
): string {
  const isDrawn = (p: CurvePoint | undefined): boolean => p !== undefined && Number.isFinite(p.y);
  const hasSpread = (p: CurvePoint): boolean =>
    isDrawn(p) && drawable(p.low, yScale) && drawable(p.high, yScale);
  const path = line<CurvePoint>()
    .defined(isDrawn)
    .x((p) => x(p.x))
    .y((p) => y(p.y))
    .digits(2)(points as CurvePoint[]);
  const band = areaPath<CurvePoint>()
    .defined(hasSpread)
    .x((p) => x(p.x))
    .y0((p) => y(p.low as number))
    .y1((p) => y(p.high as number))
    .digits(2);
  const bars = (): string =>
    points
      .filter(hasSpread)
      .map((p) => errorBar(x(p.x), y(p.low as number), y(p.high as number)))
      .join("");
  const spreadBody =
    spread === "bars"
      ? bars()
      : points.some(hasSpread)
        ? element("path", {
            d: band(points as CurvePoint[]) ?? "",
            fill: "currentColor",
            "fill-opacity": 0.16,
          })
        : "";
  // A line shows neither a single point nor one between two gaps: such points get a dot in any case.
  const dots = points.filter(
    (p, i) =>
      isDrawn(p) && (points.length <= 25 || !(isDrawn(points[i - 1]) || isDrawn(points[i + 1]))),
  );
  return (
    spreadBody +
    element("path", {
      d: path ?? "",
      fill: "none",
      stroke: "currentColor",
      "stroke-width": 2,
      "stroke-linejoin": "round",
      "stroke-dasharray": dash,
    }) +
    dots
      .map((p) =>
        element("circle", { cx: round(x(p.x)), cy: round(y(p.y)), r: 3, fill: "currentColor" }),
      )
      .join("")
  );
}

function errorBar(x: number, low: number, high: number): string {
  return (
    rule(x, low, x, high, { "stroke-width": 1.5 }) +
    rule(x - 4, low, x + 4, low, { "stroke-width": 1.5 }) +
    rule(x - 4, high, x + 4, high, { "stroke-width": 1.5 })
  );
}
