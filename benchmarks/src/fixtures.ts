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
  /** Kernels [inputs, outputs] and biases in the order w0, b0, w1, b1, …; for a tied model w0, b0, b1. */
  readonly params: readonly Values[];
  /** Inputs and targets of the batches that the steps go through in turn. */
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

/** Makes the weights U(±1/√fan-in) and batches of noisy copies of ten random patterns. */
export function makeFixtures(workload: Workload): Fixtures {
  const uniform = generator(1);
  const { sizes, batch, kind } = workload;
  const inputs = sizes[0] ?? 0;
  const fill = (shape: readonly number[], next: () => number): Values => ({
    shape,
    data: Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, next),
  });
  const params = sizes.slice(1).flatMap((units, i) => {
    const fanIn = sizes[i] ?? 1;
    const kernel = fill([fanIn, units], () => (2 * uniform() - 1) / Math.sqrt(fanIn));
    return [kernel, fill([units], () => 0)];
  });
  if (kind === "tied") params.push(fill([inputs], () => 0));

  const patterns = Array.from({ length: CLASSES }, () => fill([inputs], uniform).data);
  const made = Array.from({ length: BATCHES }, () => {
    const labels = Array.from({ length: batch }, () => Math.floor(uniform() * CLASSES));
    const clean = fill([batch, inputs], () => 0);
    for (let i = 0; i < clean.data.length; i++) {
      const pattern = patterns[labels[Math.floor(i / inputs)] ?? 0];
      clean.data[i] = 0.8 * (pattern?.[i % inputs] ?? 0) + 0.2 * uniform();
    }
    if (kind === "autoencoder") return { x: clean, y: clean };
    if (kind === "tied") {
      const data = clean.data.map((value) => (uniform() < CORRUPTION ? 0 : value));
      return { x: { shape: clean.shape, data }, y: clean };
    }
    const y = fill([batch, CLASSES], () => 0);
    labels.forEach((label, row) => {
      y.data[row * CLASSES + label] = 1;
    });
    return { x: clean, y };
  });
  return { workload, params, x: made.map(({ x }) => x), y: made.map(({ y }) => y) };
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
