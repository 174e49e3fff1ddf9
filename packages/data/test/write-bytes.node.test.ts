import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readBytes, writeBytes } from "@layerwise/data";
import { afterAll, expect, test } from "vitest";

// Oracle: node:fs.
const folder = mkdtempSync(join(tmpdir(), "layerwise-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("writes over a file and leaves nothing beside it", async () => {
  const path = join(folder, "a.txt");
  await writeBytes(path, "first, longer");
  await writeBytes(path, Uint8Array.of(104, 105));
  expect(readFileSync(path, "utf8")).toBe("hi");
  expect([...(await readBytes(path))]).toEqual([104, 105]);
  expect(readdirSync(folder)).toEqual(["a.txt"]);
});

test("a folder that does not exist is an error that names the path", async () => {
  const path = join(folder, "none", "a.txt");
  await expect(writeBytes(path, "x")).rejects.toThrow(`${path}: cannot be written: ENOENT`);
});

test("where renaming fails, nothing is left", async () => {
  await expect(writeBytes(folder, "x")).rejects.toThrow(`${folder}: cannot be written`);
  expect(readdirSync(tmpdir()).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});
