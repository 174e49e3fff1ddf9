import { execFile } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";
import { prepared } from "@layerwise/runtimes";
import { expect, test } from "vitest";

// The program in its own process, as `pnpm start` runs it. In Deno's suite there is nothing to add.
const inDeno = "Deno" in globalThis;
const conditions = process.env.TEST_DIST ? [] : ["--conditions=@layerwise/source"];
// A software driver takes half a minute on two idle cores, and a test shares them.
const timeout = 300_000;

const run = async (env: Record<string, string> = {}): Promise<string> => {
  const { stdout } = await promisify(execFile)("node", [...conditions, "main.ts"], {
    cwd: import.meta.dirname,
    env: { ...process.env, ...env },
  });
  return stdout;
};
const numbers = (output: string, pattern: RegExp): number[] =>
  [...output.matchAll(pattern)].map(([, number]) => Number(number));

function expectLearning(output: string): void {
  for (const layer of [1, 2]) {
    const losses = numbers(output, new RegExp(`layer ${layer}/2, epoch ./3: loss (.*)`, "g"));
    expect(losses).toHaveLength(3);
    expect(losses).toEqual(losses.toSorted((a, b) => b - a));
  }
  const [scratch = Number.NaN, pretrained = Number.NaN] = numbers(output, /: +(.*) %/g);
  // Ten classes: guessing is wrong in 90 % of the cases.
  expect(scratch).toBeLessThan(90);
  expect(pretrained).toBeLessThan(scratch);
}

test.skipIf(inDeno)("on WebGPU it learns, the same in two runs", { timeout }, async () => {
  const { node } = await prepared();
  const [output, again] = await Promise.all([run(), run()]);
  expect(output).toMatch("adapter" in node ? /^WebGPU: .+ \(.*node\)\n/ : /^CPU: layerwise-cpu /);
  expectLearning(output);
  expect(again).toBe(output);
});

// Elsewhere than on Linux no variable hides the GPU.
test.skipIf(inDeno || process.platform !== "linux")(
  "without a driver it says so and learns on the CPU",
  { timeout },
  async () => {
    const output = await run({ VK_ICD_FILENAMES: "/none", VK_DRIVER_FILES: "/none" });
    expect(output).toMatch(/^CPU: layerwise-cpu \(webgpu: no GPU adapter was found\./);
    expectLearning(output);
  },
);
