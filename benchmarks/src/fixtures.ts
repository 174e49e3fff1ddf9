import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Workload } from "./workloads.ts";

/** Numbers with a shape, the same bytes for every contestant. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** What a contestant starts from. */
export interface Fixtures {
  readonly workload: Workload;
  /**
   * Kernels [inputs, outputs] and biases in the order w0, b0, w1, b1, …; w0, b0, b1 of a tied model and of a
   * Boltzmann machine (b1 belongs to the inputs). Kernels of convolutions are [height, width, inputs, outputs], of
   * transposed ones [height, width, outputs, inputs].
   */
  readonly params: readonly Values[];
  /** Inputs and targets of the batches that the steps go through in turn; for a Boltzmann machine y is noise. */
  readonly x: readonly Values[];
  readonly y: readonly Values[];
}

interface Header {
  readonly workload: Workload;
  readonly params: readonly (readonly number[])[];
  readonly x: readonly (readonly number[])[];
  readonly y: readonly (readonly number[])[];
}

const BATCHES = 8;
const CLASSES = 10;
const CORRUPTION = 0.25;

type Fill = (shape: readonly number[], next: () => number) => Values;

const fill: Fill = (shape, next) => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, next),
});

/** Makes the weights U(±1/√fan-in) and batches of noisy copies of ten random patterns. */
export function makeFixtures(workload: Workload): Fixtures {
  const uniform = generator(1);
  const { sizes, kind } = workload;
  const params = shapesOf(workload).map((shape) => {
    const fanIn = shape.slice(0, -1).reduce((n, d) => n * d, 1);
    return fill(shape, () => (shape.length > 1 ? (2 * uniform() - 1) / Math.sqrt(fanIn) : 0));
  });
  const image = kind === "conv" ? [28, 28, sizes[0] ?? 1] : [sizes[0] ?? 0];
  const inputs = image.reduce((n, d) => n * d, 1);
  const patterns = Array.from({ length: CLASSES }, () => fill([inputs], uniform).data);
  const rows = workload.batch * (workload.fit ?? 1);
  const made = Array.from({ length: workload.fit ? 1 : BATCHES }, () => {
    const labels = Array.from({ length: rows }, () => Math.floor(uniform() * CLASSES));
    const clean = fill([rows, ...image], () => 0);
    for (let i = 0; i < clean.data.length; i++) {
      const pattern = patterns[labels[Math.floor(i / inputs)] ?? 0];
      clean.data[i] = 0.8 * (pattern?.[i % inputs] ?? 0) + 0.2 * uniform();
    }
    if (kind === "autoencoder" || kind === "conv") return { x: clean, y: clean };
    if (kind === "rbm") return { x: clean, y: fill([rows, sizes[1] ?? 0], uniform) };
    if (kind === "tied") {
      const data = clean.data.map((value) => (uniform() < CORRUPTION ? 0 : value));
      return { x: { shape: clean.shape, data }, y: clean };
    }
    const y = fill([rows, CLASSES], () => 0);
    labels.forEach((label, row) => {
      y.data[row * CLASSES + label] = 1;
    });
    return { x: clean, y };
  });
  return { workload, params, x: made.map(({ x }) => x), y: made.map(({ y }) => y) };
}

function shapesOf({ kind, sizes }: Workload): (readonly number[])[] {
  const pairs = sizes.slice(1).map((to, i) => ({ from: sizes[i] ?? 0, to }));
  if (kind === "conv") {
    const there = pairs.flatMap(({ from, to }) => [[3, 3, from, to], [to]]);
    return [...there, ...pairs.toReversed().flatMap(({ from, to }) => [[3, 3, from, to], [from]])];
  }
  const shapes = pairs.flatMap(({ from, to }) => [[from, to], [to]]);
  return kind === "tied" || kind === "rbm" ? [...shapes, [sizes[0] ?? 0]] : shapes;
}

/** Writes fixtures as `NAME.json` (shapes) and `NAME.bin` (32-bit floats, little-endian), which Python can read too. */
export async function writeFixtures(dir: string, fixtures: Fixtures): Promise<string> {
  const { workload, params, x, y } = fixtures;
  const shapes = (list: readonly Values[]): readonly (readonly number[])[] =>
    list.map(({ shape }) => shape);
  const header: Header = { workload, params: shapes(params), x: shapes(x), y: shapes(y) };
  const path = join(dir, workload.name);
  await writeFile(`${path}.json`, JSON.stringify(header));
  await writeFile(`${path}.bin`, Buffer.concat([...params, ...x, ...y].map(bytes)));
  return path;
}

/** Reads what {@link writeFixtures} wrote. */
export async function readFixtures(path: string): Promise<Fixtures> {
  const header: Header = JSON.parse(await readFile(`${path}.json`, "utf8"));
  const { buffer } = new Uint8Array(await readFile(`${path}.bin`));
  let offset = 0;
  const take = (shape: readonly number[]): Values => {
    const size = shape.reduce((n, d) => n * d, 1);
    const data = new Float32Array(buffer, offset, size);
    offset += data.byteLength;
    return { shape, data };
  };
  const params = header.params.map(take);
  const x = header.x.map(take);
  return { workload: header.workload, params, x, y: header.y.map(take) };
}

const bytes = ({ data }: Values): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** mulberry32: the same numbers everywhere. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
