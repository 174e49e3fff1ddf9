// Draws docs/images/initialization.svg:
// node --conditions=@layerwise/source packages/layers/test/support/draw-initialization.ts
import { writeFileSync } from "node:fs";
import process from "node:process";
import { glorotNormal, heNormal, normal, orthogonal } from "@layerwise/layers";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { forwardVariances } from "./forward-variance.ts";

await tf.setBackend("cpu");

const options = { width: 400, batchSize: 16, seed: 1 };
const series = [
  { name: "N(0, 1)", color: "#c0392b", init: normal({ stddev: 1 }) },
  { name: "He", color: "#1e8449", init: heNormal },
  { name: "orthogonal, gain √2", color: "#7d3c98", init: orthogonal({ gain: Math.SQRT2 }) },
  { name: "Glorot", color: "#2471a3", init: glorotNormal },
  { name: "N(0, 0.01²)", color: "#b9770e", init: normal({ stddev: 0.01 }) },
].map((one) => ({
  ...one,
  values: forwardVariances(one.init, options).map((v) => Math.log10(v)),
}));

const [width, height, left, right, top, bottom] = [640, 380, 64, 150, 40, 44];
const [low, high, depth] = [-12, 12, 30];
const x = (layer: number): number => left + (layer / depth) * (width - left - right);
const y = (power: number): number =>
  top + ((high - power) / (high - low)) * (height - top - bottom);
const round = (n: number): string => n.toFixed(1);
const power = (n: number): string =>
  `10${[...String(n)].map((digit) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(digit)]).join("")}`;

const grid = [-12, -8, -4, 0, 4, 8, 12].map(
  (
    n,
  ) => `<line x1="${left}" x2="${width - right}" y1="${round(y(n))}" y2="${round(y(n))}" stroke="#ddd"/>
<text x="${left - 8}" y="${round(y(n) + 4)}" text-anchor="end">${power(n)}</text>`,
);
const ticks = [0, 10, 20, 30].map(
  (n) => `<text x="${round(x(n))}" y="${height - bottom + 18}" text-anchor="middle">${n}</text>`,
);

/** The part of a curve inside the frame, and its name where it ends. */
const curves = series.map(({ name, color, values }) => {
  const inside = values.findIndex((v) => v < low || v > high);
  const shown = inside < 0 ? values : values.slice(0, inside);
  const points = shown.map((v, layer) => `${round(x(layer))},${round(y(v))}`);
  // Where a curve leaves the frame between two layers.
  const [before, after] = [shown.at(-1) ?? 0, values[shown.length]];
  if (after !== undefined) {
    const edge = after > high ? high : low;
    const layer = shown.length - 1 + (edge - before) / (after - before);
    points.push(`${round(x(layer))},${round(y(edge))}`);
  }
  const [endX, endY] = (points.at(-1) ?? "0,0").split(",").map(Number) as [number, number];
  // Names keep clear of the grid, and of each other where two curves end together.
  const outside = after === undefined ? 4 : after > high ? 16 : -6;
  const shift = name === "He" ? 10 : name.startsWith("orthogonal") ? -3 : outside;
  return `<polyline points="${points.join(" ")}" fill="none" stroke="${color}" stroke-width="2"/>
<text x="${round(endX + 6)}" y="${round(endY + shift)}" fill="${color}">${name}</text>`;
});

const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">
<rect width="${width}" height="${height}" fill="white"/>
<text x="${left}" y="22" font-size="14">Mean square of the units of ${depth} relu layers (width ${options.width})</text>
${grid.join("\n")}
${ticks.join("\n")}
<text x="${round(x(depth / 2))}" y="${height - 8}" text-anchor="middle">layer</text>
${curves.join("\n")}
</svg>
`;
writeFileSync(new URL("../../../../docs/images/initialization.svg", import.meta.url), svg);
const table = series.map(({ name, values }) => [name, values[1], values[15], values[30]]);
process.stdout.write(`${table.map((row) => row.join("\t")).join("\n")}\n`);
