import { type BoxPlot, boxPlotSvg, type LineChart, lineChartSvg } from "@layerwise/report";
import { expect, test } from "vitest";

const chart = (
  curve: Partial<LineChart["curves"][number]>,
  more: Partial<LineChart> = {},
): string =>
  lineChartSvg({
    title: "Loss",
    xLabel: "epoch",
    yLabel: "loss",
    curves: [{ label: "train", y: [], ...curve }],
    ...more,
  });

/** Coordinates of the curve, one list for each unbroken piece. */
const pieces = (svg: string): number[][][] => {
  const path = /<path d="([^"]*)" fill="none"/.exec(svg)?.[1] ?? "";
  return path
    .split("M")
    .slice(1)
    .map((piece) =>
      piece
        .replace("Z", "")
        .split("L")
        .map((point) => point.split(",").map(Number)),
    );
};
const labels = (svg: string): string[] =>
  [...svg.matchAll(/<text[^>]*>([^<]*)/g)].map((m) => m[1] ?? "");

test("a straight line in the data is straight and evenly spaced in pixels", () => {
  const [piece = []] = pieces(chart({ x: [0, 1, 2, 3, 4], y: [0, 1, 2, 3, 4] }));
  const steps = piece
    .slice(1)
    .map(([x = 0, y = 0], i) => [x - (piece[i]?.[0] ?? 0), y - (piece[i]?.[1] ?? 0)]);
  for (const [dx = 0, dy = 0] of steps) {
    // Coordinates are rounded to hundredths, so differences are exact to one.
    expect(Math.abs(dx - (steps[0]?.[0] ?? 0))).toBeLessThanOrEqual(0.0101);
    expect(Math.abs(dy - (steps[0]?.[1] ?? 0))).toBeLessThanOrEqual(0.0101);
    expect([dx > 0, dy < 0]).toEqual([true, true]);
  }
});

test("on a log axis a geometric sequence is evenly spaced, with decades as labels", () => {
  const svg = chart({ y: [1, 0.1, 0.01, 0.001] }, { yScale: "log" });
  const ys = pieces(svg)[0]?.map(([, y = 0]) => y) ?? [];
  const steps = ys.slice(1).map((y, i) => y - (ys[i] ?? 0));
  for (const step of steps) expect(Math.abs(step - (steps[0] ?? 0))).toBeLessThanOrEqual(0.0101);
  expect(labels(svg)).toEqual(expect.arrayContaining(["0.001", "0.01", "0.1", "1"]));
});

test("NaN, infinities and, on a log axis, zero leave gaps; a lone point gets a dot", () => {
  const y = Array.from({ length: 40 }, (_, i) => i + 1);
  expect(pieces(chart({ y }))).toHaveLength(1);
  expect(chart({ y })).not.toContain("<circle");
  y[10] = Number.NaN;
  y[12] = Number.POSITIVE_INFINITY;
  y[20] = 0;
  expect(pieces(chart({ y })).map((piece) => piece.length)).toEqual([10, 1, 27]);
  expect(chart({ y }).match(/<circle/g)).toHaveLength(1);
  expect(pieces(chart({ y }, { yScale: "log" }))).toHaveLength(4);
});

test("nothing to draw is said, not thrown", () => {
  expect(labels(chart({ y: [Number.NaN] }))).toContain("No finite values to draw.");
  expect(labels(chart({ y: [0, -1] }, { yScale: "log" }))).toContain("No positive values to draw.");
  expect(labels(lineChartSvg({ title: "", xLabel: "", yLabel: "", curves: [] }))).toContain(
    "No finite values to draw.",
  );
});

test("constant curves and single points have a finite place", () => {
  for (const yScale of ["linear", "log"] as const) {
    for (const y of [[5], [5, 5], [1e-30]])
      expect(chart({ y }, { yScale })).not.toMatch(/NaN|Infinity/);
  }
  expect(chart({ y: [0] })).not.toMatch(/NaN|Infinity/);
});

test("epochs have whole numbers as labels", () => {
  const svg = chart({ y: [1, 2, 3] });
  expect(
    labels(svg)
      .filter((l) => /^\d/.test(l))
      .slice(-3),
  ).toEqual(["1", "2", "3"]);
});

test("labels of an axis do not run into each other, at any width", () => {
  for (const width of [340, 720]) {
    const svg = lineChartSvg(
      {
        title: "",
        xLabel: "n",
        yLabel: "e",
        xScale: "log",
        curves: [{ label: "", x: [100, 60_000], y: [1, 2] }],
      },
      { width },
    );
    const ticks = [
      ...svg.matchAll(/x="([\d.]+)"[^>]*text-anchor="middle" fill-opacity="0.75">([^<]*)/g),
    ];
    expect(ticks.length).toBeGreaterThan(2);
    for (const [i, tick] of ticks.slice(1).entries()) {
      // 0.56 of the font size of 12 is the width taken for a digit.
      const half = ((tick[2]?.length ?? 0) + (ticks[i]?.[2]?.length ?? 0)) * 0.5 * 0.56 * 12;
      expect(Number(tick[1]) - Number(ticks[i]?.[1])).toBeGreaterThan(half);
    }
  }
});

test("bands and error bars are drawn where low and high are given", () => {
  const spread = { y: [2, 3], low: [1, 2], high: [3, 4] };
  expect(chart(spread)).toContain('fill-opacity="0.16"');
  const bars = chart(spread, { spread: "bars" });
  expect(bars).not.toContain('fill-opacity="0.16"');
  expect(bars.match(/stroke-width="1.5"/g)).toHaveLength(6);
});

test("a long curve keeps its mean and its extremes, in a small file", () => {
  const y = Array.from({ length: 100_000 }, (_, i) => (i === 50_001 ? 9 : i % 2));
  const svg = chart({ y });
  expect(svg.length).toBeLessThan(30_000);
  expect(svg).toContain("the band the range of every 400 points");
  expect(labels(svg)).toContain("8");
});

test("the description says the first, last and lowest value of each curve", () => {
  expect(chart({ y: [3, 1, 2] })).toContain("train: from 3 at 1 to 2 at 3, lowest 1 at 2.");
});

test("arrays of different lengths are refused", () => {
  expect(() => chart({ y: [1, 2], x: [1] })).toThrow(
    'line chart: expected 2 values of x for curve "train", got 1',
  );
});

const boxes = (more: Partial<BoxPlot>): string =>
  boxPlotSvg({
    title: "Error",
    xLabel: "depth",
    yLabel: "error",
    series: ["a", "b"],
    groups: [
      {
        label: "1",
        values: [
          [1, 2, 3, 4, 5],
          [2, 3],
        ],
      },
      { label: "2", values: [[1, 2, 3, 4, 100], []] },
    ],
    ...more,
  });

test("five values or more make a box, fewer are points, outliers are points", () => {
  const svg = boxes({});
  // Two swatches of the legend and two boxes.
  expect(svg.match(/<rect/g)).toHaveLength(4);
  expect(svg.match(/<circle/g)).toHaveLength(3);
  expect(svg).toContain("1, a: median 3, quartiles 2 and 4, 5 values.");
  expect(svg).toContain("2, b: no values.");
  expect(svg).not.toMatch(/NaN|Infinity/);
});

test("a box plot with nothing to draw says so, and groups must fit the series", () => {
  expect(labels(boxes({ groups: [] }))).toContain("No finite values to draw.");
  expect(() => boxes({ groups: [{ label: "x", values: [[1]] }] })).toThrow(
    'box plot: expected 2 series in group "x", got 1',
  );
});

test("49 series can be told apart by colour and dash", () => {
  const svg = lineChartSvg({
    title: "",
    xLabel: "",
    yLabel: "",
    curves: Array.from({ length: 49 }, (_, i) => ({ label: `c${i}`, y: [i] })),
  });
  const styles = [...svg.matchAll(/color="(#\w+)"><line[^>]*stroke-dasharray="([^"]*)"/g)].map(
    ([, color, dash]) => `${color} ${dash}`,
  );
  expect(new Set(styles).size).toBe(49);
});
