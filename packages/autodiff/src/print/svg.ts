import { at } from "../ir/shape.ts";
import type { Graph } from "../ir/types.ts";
import { type Box, type DrawOptions, drawingOf, type Wire } from "./drawing.ts";
import { layout, type Place } from "./layout.ts";
import { FAINT, GRADIENT, LINE, TEXT, VALUE } from "./style.ts";

const MARGIN = 16;
/** Of a character, in parts of the font size: wide enough for sans-serif digits and letters. */
const CHARACTER = 0.6;
const TITLE = 14;
const SMALL = 11;
const NUMBER = 13;
const OPERANDS = 14;
const RESULTS = 34;
const ARROW = 7;

const widthOf = (text: string | undefined, size: number): number =>
  (text?.length ?? 0) * size * CHARACTER;

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const round = (x: number): string => String(Math.round(10 * x) / 10);

const text = (
  x: number,
  y: number,
  content: string,
  size: number,
  fill: string,
  anchor = "middle",
) =>
  `<text x="${round(x)}" y="${round(y)}" font-size="${size}" fill="${fill}" text-anchor="${anchor}">${escaped(content)}</text>`;

/** How far below the middle of a box the k-th of n lines ends. */
const offset = (k: number, n: number, distance: number): number => (k - (n - 1) / 2) * distance;

const countOf = (wires: readonly Wire[], box: number, end: "from" | "to"): number =>
  1 +
  Math.max(
    -1,
    ...wires.filter((w) => w[end] === box).map((w) => (end === "from" ? w.result : w.operand)),
  );

const drawBox = (
  { kind, title, type }: Box,
  { left, right, y }: Place,
  width: number,
  height: number,
): string[] => {
  const x = (left + right) / 2;
  const frame = `<rect x="${round(x - width / 2)}" y="${round(y - height / 2)}" width="${round(width)}" height="${round(height)}" rx="9" fill="#f8f9fa" stroke="${LINE}"/>`;
  const words = [text(x, y - 1, title, TITLE, TEXT), text(x, y + 13, type, SMALL, FAINT)];
  return kind === "operation" ? [frame, ...words] : words;
};

/**
 * A graph as an SVG image: a box per operation with its type, lines from left to right, and at the
 * start of each line the value above it in green and its gradient below it in red, where
 * `options.annotations` gives them (see `annotate`).
 *
 * @example
 * ```ts
 * import { toSvg, trace } from "@layerwise/autodiff";
 * import * as tf from "@tensorflow/tfjs-core";
 *
 * const { graph } = trace((x: tf.Tensor) => tf.exp(x), [{ shape: [3], dtype: "float32" }]);
 * if (!toSvg(graph, { inputs: ["x"] }).includes(">exponential<")) throw new Error("no node");
 * ```
 */
export const toSvg = (graph: Graph, options: DrawOptions = {}): string => {
  const { boxes, wires } = drawingOf(graph, options);
  const operands = boxes.map((_, i) => countOf(wires, i, "to"));
  const results = boxes.map((_, i) => countOf(wires, i, "from"));
  // Where a line leaves its box it runs straight between its numbers.
  const straight = (w: Wire): number =>
    10 + Math.max(widthOf(w.value, NUMBER), widthOf(w.gradient, NUMBER));
  const sizes = boxes.map(({ title, type }, i) => ({
    width: Math.max(28, widthOf(title, TITLE), widthOf(type, SMALL)) + 16,
    height: Math.max(42, at(operands, i) * OPERANDS + 12, at(results, i) * RESULTS),
    room: Math.max(0, ...wires.filter(({ from }) => from === i).map(straight)),
  }));
  const ends = wires.map((w) => ({
    fromOffset: offset(w.result, at(results, w.from), RESULTS),
    toOffset: offset(w.operand, at(operands, w.to), OPERANDS),
  }));
  const plan = layout({
    sizes,
    edges: wires.map((w, i) => ({ ...w, ...at(ends, i) })),
    late: boxes.map(({ kind }, i) => kind === "operation" && at(operands, i) === 0),
    gapX: 34,
    gapY: 22,
  });
  const middle = ({ left, right }: Place): number => (left + right) / 2;
  const drawWire = (wire: Wire, i: number): string[] => {
    const [source, target] = [at(plan.boxes, wire.from), at(plan.boxes, wire.to)];
    const startX = middle(source) + at(sizes, wire.from).width / 2;
    const endX = middle(target) - at(sizes, wire.to).width / 2 - ARROW;
    let [x, y] = [source.exit, source.y + at(ends, i).fromOffset];
    const noteY = y;
    let path = `M${round(startX)} ${round(y)}H${round(x)}`;
    const bendTo = (nextX: number, nextY: number): void => {
      const halfway = round((x + nextX) / 2);
      path += `C${halfway} ${round(y)} ${halfway} ${round(nextY)} ${round(nextX)} ${round(nextY)}`;
      [x, y] = [nextX, nextY];
    };
    for (const pass of at(plan.passes, i)) {
      bendTo(pass.left, pass.y);
      x = pass.exit;
      path += `H${round(x)}`;
    }
    bendTo(target.left - ARROW, target.y + at(ends, i).toOffset);
    path += `H${round(endX)}`;
    const note = (content: string | undefined, below: number, color: string): string[] =>
      content === undefined
        ? []
        : [text(startX + 5, noteY + below, content, NUMBER, color, "start")];
    const first = wires.findIndex((w) => w.from === wire.from && w.result === wire.result) === i;
    const line = `<path d="${path}" fill="none" stroke="${LINE}" marker-end="url(#arrow)"/>`;
    return first
      ? [line, ...note(wire.value, -5, VALUE), ...note(wire.gradient, 14, GRADIENT)]
      : [line];
  };
  const width = Math.ceil(plan.width + 2 * MARGIN);
  const height = Math.ceil(plan.height + 2 * MARGIN);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${-MARGIN} ${-MARGIN} ${width} ${height}" font-family="Helvetica, Arial, sans-serif" role="img">`,
    `<marker id="arrow" viewBox="0 0 8 8" refY="4" markerWidth="${ARROW}" markerHeight="${ARROW}" orient="auto"><path d="M0 0.5L8 4L0 7.5z" fill="${LINE}"/></marker>`,
    `<rect x="${-MARGIN}" y="${-MARGIN}" width="${width}" height="${height}" fill="#fff"/>`,
    ...wires.flatMap(drawWire),
    ...boxes.flatMap((box, i) => {
      const { width: boxWidth, height: boxHeight } = at(sizes, i);
      return drawBox(box, at(plan.boxes, i), boxWidth, boxHeight);
    }),
    "</svg>",
    "",
  ].join("\n");
};
