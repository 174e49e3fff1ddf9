import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { prepared } from "@layerwise/runtimes";
import { expect, test } from "vitest";

// Part of Deno's suite; in Node's there is nothing to add.
const inDeno = "Deno" in globalThis;
// A software driver takes half a minute on two idle cores, and a test shares them.
const timeout = 300_000;

// As `pnpm start` runs it.
const run = async (): Promise<string> => {
  const args = ["run", "--allow-read", "--allow-env", "main.ts"];
  const { stdout } = await promisify(execFile)("deno", args, { cwd: import.meta.dirname });
  return stdout;
};
const numbers = (output: string, pattern: RegExp): number[] =>
  [...output.matchAll(pattern)].map(([, number]) => Number(number));

test.runIf(inDeno)("on WebGPU it learns, the same in two runs", { timeout }, async () => {
  const { deno } = await prepared();
  const [output, again] = await Promise.all([run(), run()]);
  expect(output).toMatch("adapter" in deno ? /^WebGPU: .+ \(.*deno\)\n/ : /^CPU: layerwise-cpu /);
  for (const layer of [1, 2]) {
    const losses = numbers(output, new RegExp(`layer ${layer}/2, epoch ./3: loss (.*)`, "g"));
    expect(losses).toHaveLength(3);
    expect(losses).toEqual(losses.toSorted((a, b) => b - a));
  }
  const [scratch = Number.NaN, pretrained = Number.NaN] = numbers(output, /: +(.*) %/g);
  // Ten classes: guessing is wrong in 90 % of the cases.
  expect(scratch).toBeLessThan(90);
  expect(pretrained).toBeLessThan(scratch);
  expect(again).toBe(output);
});

test("the job is the same file as in Node and in the browser", () => {
  const read = (runtime: string): string =>
    readFileSync(join(import.meta.dirname, `../${runtime}-pretrain/pretrain.ts`), "utf8");
  expect(read("node")).toBe(read("deno"));
  expect(read("browser")).toBe(read("deno"));
});
