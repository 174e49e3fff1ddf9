// Draws the pictures of README.md: `pnpm gallery`.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import {
  beale,
  himmelblau,
  ravine,
  rosenbrock,
  saddle,
  type TestFunction,
} from "../test/support/functions.ts";
import { panels } from "./contestants.ts";
import { bestPath } from "./descend.ts";
import { draw, gridPoints } from "./draw.ts";

await tf.setBackend("cpu");

const heightsOf = (fn: TestFunction): number[] =>
  gridPoints(fn).map((point) =>
    tf.tidy(() => fn.loss(tf.tensor1d([...point])).dataSync()[0] ?? Number.NaN),
  );

const pictures: readonly TestFunction[] = [
  { ...ravine, window: { x: [-1.9, 0.4], y: [-1.9, 0.4] } },
  saddle,
  { ...rosenbrock, window: { x: [-1.75, 1.5], y: [-0.75, 2.5] } },
  { ...beale, window: { x: [0, 4], y: [-2, 2] } },
  himmelblau,
];
for (const fn of pictures) {
  const paths = panels.map((contestants) => contestants.map((c) => bestPath(c, fn)));
  const svg = draw(fn, heightsOf(fn), paths);
  const file = `${fn.name.toLowerCase()}.svg`;
  await writeFile(join(import.meta.dirname, file), svg);
  process.stdout.write(`${file}: ${svg.length} bytes\n`);
}
