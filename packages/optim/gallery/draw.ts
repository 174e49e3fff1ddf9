import { contours } from "d3-contour";
import type { TestFunction } from "../test/support/functions.ts";
import type { Path, Point } from "./descend.ts";

const SIZE = 340;
const MARGIN = 12;
const GRID = 72;
const LEVELS = 12;
/** Lines of a panel's legend, in two columns. */
const LEGEND_ROWS = 3;
const ROW = 16;
/** Shorter moves than this are not drawn. */
const RESOLUTION = 0.5;

/** A number of pixels with one digit behind the point. */
const px = (x: number): string => String(Math.round(x * 10) / 10).replace(/^(-?)0\./, "$1.");

/**
 * A picture with a panel for each list of paths, through the contour lines of a function; darker is
 * lower. `heights` are the function's values at {@link gridPoints}.
 */
export function draw(
  fn: TestFunction,
  heights: readonly number[],
  panels: readonly (readonly Path[])[],
): string {
  const width = MARGIN + panels.length * (SIZE + MARGIN);
  const height = SIZE + 3 * MARGIN + LEGEND_ROWS * ROW;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" font-family="sans-serif" font-size="10">`,
    `<title>Paths of optimizers on the ${fn.name} function</title>`,
    `<defs><clipPath id="window"><rect width="${SIZE}" height="${SIZE}"/></clipPath>`,
    `<g id="hills">${hills(heights).join("\n")}</g></defs>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...panels.map((paths, i) => panel(fn, paths, MARGIN + i * (SIZE + MARGIN))),
    "</svg>\n",
  ].join("\n");
}

/** The points at which {@link draw} wants the heights of a function, row by row from the top. */
export function gridPoints({ window: { x, y } }: TestFunction): Point[] {
  const along = ([low, high]: Point, share: number): number => low + (high - low) * share;
  return Array.from({ length: GRID * GRID }, (_, i) => [
    along(x, ((i % GRID) + 0.5) / GRID),
    along(y, 1 - (Math.floor(i / GRID) + 0.5) / GRID),
  ]);
}

function panel(fn: TestFunction, paths: readonly Path[], left: number): string {
  const { x, y } = fn.window;
  const toPixel = ([a, b]: Point): Point => [
    (SIZE * (a - x[0])) / (x[1] - x[0]),
    (SIZE * (y[1] - b)) / (y[1] - y[0]),
  ];
  return [
    `<g transform="translate(${left} ${MARGIN})"><g clip-path="url(#window)"><use href="#hills"/>`,
    ...fn.minima.map((point) => cross(toPixel(point))),
    ...paths.map((path) => line(path, toPixel)),
    `<circle ${at(toPixel(fn.start))} r="3.5" fill="#fff" stroke="#000"/></g>`,
    `<rect width="${SIZE}" height="${SIZE}" fill="none" stroke="#888"/>`,
    ...paths.map(legend),
    "</g>",
  ].join("\n");
}

/** Filled regions whose borders are as many grid points apart as any two others. */
function hills(heights: readonly number[]): string[] {
  const sorted = heights.toSorted((a, b) => b - a);
  const thresholds = Array.from(
    { length: LEVELS - 1 },
    (_, i) => -(sorted[Math.round((sorted.length * (i + 1)) / LEVELS)] ?? 0),
  );
  // d3 fills what lies above a threshold: downhill is up.
  const regions = contours().size([GRID, GRID]).thresholds(thresholds)(heights.map((h) => -h));
  return [
    `<rect width="${SIZE}" height="${SIZE}" fill="${shade(0)}"/>`,
    ...regions.map(({ coordinates }, i) => {
      const d = coordinates.flat().map(ring).join("");
      return `<path d="${d}" fill="${shade((i + 1) / LEVELS)}" stroke="#fff" stroke-width=".5"/>`;
    }),
  ];
}

const shade = (share: number): string => `hsl(210,30%,${Math.round(97 - 25 * share)}%)`;

/** A closed line in coordinates of the grid. */
function ring(points: readonly (readonly number[])[]): string {
  const scale = SIZE / GRID;
  const pixels = points.slice(0, -1).map(([a = 0, b = 0]): Point => [a * scale, b * scale]);
  return `M${trail(pixels)}Z`;
}

function line({ contestant: { color }, points }: Path, toPixel: (p: Point) => Point): string {
  const pixels = points.map(toPixel).filter((point) => point.every(Number.isFinite));
  // A path may end far outside.
  const near = pixels.map(([a, b]): Point => [bounded(a), bounded(b)]);
  const end = `<circle ${at(near.at(-1) ?? [0, 0])} r="3" fill="${color}"/>`;
  return `<path d="M${trail(near)}" fill="none" stroke="${color}" stroke-width="1.6" stroke-linejoin="round"/>${end}`;
}

const bounded = (x: number): number => Math.max(-SIZE, Math.min(2 * SIZE, x));

/** The commands of a line without its shortest moves: the first point, then differences. */
function trail(pixels: readonly Point[]): string {
  const kept: Point[] = [];
  for (const point of pixels) {
    const before = kept.at(-1) ?? [Infinity, Infinity];
    if (Math.hypot(point[0] - before[0], point[1] - before[1]) >= RESOLUTION) kept.push(point);
  }
  // Differences of whole tenths, so that they add up.
  const tenths = kept.map((point) => point.map((x) => Math.round(10 * x)));
  return tenths
    .map(([a = 0, b = 0], i) => {
      const [c = 0, d = 0] = tenths[i - 1] ?? [];
      return `${i === 1 ? "l" : i > 1 ? " " : ""}${px((a - c) / 10)},${px((b - d) / 10)}`;
    })
    .join("");
}

function cross([a, b]: Point): string {
  const r = 5;
  return `<path d="M${px(a - r)},${px(b)}h${2 * r}M${px(a)},${px(b - r)}v${2 * r}" stroke="#000" stroke-width="1.5"/>`;
}

const at = ([a, b]: Point): string => `cx="${px(a)}" cy="${px(b)}"`;

function legend({ contestant, learningRate, steps }: Path, i: number): string {
  const { name, color, hasRate } = contestant;
  const left = i < LEGEND_ROWS ? 0 : 0.55 * SIZE;
  const top = SIZE + MARGIN + 8 + ROW * (i % LEGEND_ROWS);
  const rate = hasRate ? ` η ${learningRate}` : "";
  const count = steps < Infinity ? `, ${steps} steps` : "";
  return [
    `<path d="M${left},${top - 4}h20" stroke="${color}" stroke-width="2.5"/>`,
    `<text x="${left + 26}" y="${top}">${name}<tspan fill="#555">${rate}${count}</tspan></text>`,
  ].join("");
}
