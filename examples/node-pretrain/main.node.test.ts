import { execFile } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";
import { prepared } from "@layerwise/runtimes";
import { expect, test } from "vitest";

// The program in its own process, as `pnpm start` runs it. In Deno's suite there is nothing to add.
const inDeno = "Deno" in globalThis;
const conditions = process.env.TEST_DIST ? [] : ["--conditions=@layerwise/source"];
const run = async (env: Record<string, string> = {}): Promise<readonly string[]> => {
  const { stdout } = await promisify(execFile)("node", [...conditions, "main.ts"], {
    cwd: import.meta.dirname,
    env: { ...process.env, ...env },
  });
  return stdout.trim().split("\n");
};

// Software drivers take half a minute on an idle machine, and tests share theirs.
const timeout = 300_000;

test.skipIf(inDeno)(
  "on the GPU every layer learns, pre-training lowers the test error, and a second run says the same",
  { timeout },
  async () => {
    const { node } = await prepared();
    const [lines, again] = await Promise.all([run(), run()]);
    expect(lines[0]).toMatch("adapter" in node ? /^WebGPU: .+ \(.*node\)$/ : /^CPU: wasm/);
    expect(again).toEqual(lines);
    expect(losses(lines, 1)).toEqual(falling(3));
    expect(losses(lines, 2)).toEqual(falling(3));
    expect(errorOf(lines, "pre-trained")).toBeLessThan(errorOf(lines, "from scratch"));
  },
);

// Elsewhere than on Linux no variable hides the GPU.
test.skipIf(inDeno || process.platform !== "linux")(
  "without a Vulkan driver it says so and runs on the CPU",
  { timeout },
  async () => {
    const lines = await run({ VK_ICD_FILENAMES: "/nowhere", VK_DRIVER_FILES: "/nowhere" });
    expect(lines[0]).toMatch(/^CPU: wasm \(webgpu: no GPU adapter was found\./);
    expect(errorOf(lines, "pre-trained")).toBeLessThan(errorOf(lines, "from scratch"));
  },
);
