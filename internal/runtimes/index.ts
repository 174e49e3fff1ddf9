import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { chromiumArgs, probeChromium } from "./probe-chromium.ts";
import { type Unpacked, unpackChromium } from "./unpack.ts";

const run = promisify(execFile);
const here = import.meta.dirname;
const cache = join(here, "../../node_modules/.cache/layerwise");
const record = join(cache, "runtimes.json");

/** One runtime: the WebGPU adapter it got, or why it has none; `cannotRun` when it does not even start. */
export type Runtime = { adapter: string } | { skipped: string; cannotRun: boolean };

/** What the tests run on. */
export interface Runtimes {
  node: Runtime;
  deno: Runtime;
  chromium: Runtime;
  /** Environment for Node and Deno, so that they find a Vulkan driver. */
  env: Record<string, string>;
  /** How to start Chromium. */
  launch: {
    executablePath?: string;
    channel?: string;
    args: string[];
    env?: Record<string, string>;
  };
}

/** Unpack what is missing, ask every runtime for its WebGPU adapter and remember the answer. */
export const prepare = async (): Promise<Runtimes> => {
  const unpacked = await unpackChromium(cache).catch((error: Error) => error);
  const gpu = await vulkan(unpacked);
  const browser = await findChromium(unpacked);
  const runtimes: Runtimes = {
    ...gpu,
    deno: await probe("deno", ["run", "-A", join(here, "probe-deno.ts")], gpu.env),
    ...browser,
  };
  mkdirSync(cache, { recursive: true });
  writeFileSync(record, `${JSON.stringify(runtimes, null, 2)}\n`);
  return runtimes;
};

/** The last answer of {@link prepare}, or a new one. */
export const prepared = async (): Promise<Runtimes> => {
  try {
    return JSON.parse(readFileSync(record, "utf8")) as Runtimes;
  } catch {
    return await prepare();
  }
};

const noAdapter = "no WebGPU adapter";
const reason = (error: unknown): string => String(error).trim().split("\n")[0] ?? "";

const probe = async (
  command: string,
  args: string[],
  env: Record<string, string>,
): Promise<Runtime> => {
  try {
    const { stdout } = await run(command, args, {
      env: { ...process.env, ...env },
      timeout: 60_000,
    });
    const adapter = JSON.parse(stdout.trim().split("\n").at(-1) ?? "null") as string | null;
    return adapter === null ? { skipped: noAdapter, cannotRun: false } : { adapter };
  } catch (error) {
    const started = typeof (error as { code?: unknown }).code === "number";
    return { skipped: reason(error), cannotRun: !started };
  }
};

// A GPU or an installed Mesa comes first; SwiftShader out of the Chromium package is the last resort.
const vulkan = async (unpacked: Unpacked | Error): Promise<Pick<Runtimes, "node" | "env">> => {
  const probeNode = (env: Record<string, string>): Promise<Runtime> =>
    probe("node", [join(here, "probe-node.ts")], env);
  const system = await probeNode({});
  if ("adapter" in system || unpacked instanceof Error) return { node: system, env: {} };
  const path = process.env.LD_LIBRARY_PATH;
  const env = {
    LD_LIBRARY_PATH: path ? `${unpacked.vulkan}:${path}` : unpacked.vulkan,
    VK_ICD_FILENAMES: unpacked.icd,
  };
  return { node: await probeNode(env), env };
};

const findChromium = async (
  unpacked: Unpacked | Error,
): Promise<Pick<Runtimes, "chromium" | "launch">> => {
  const path = process.env.CHROMIUM_PATH;
  const binary = path
    ? { executablePath: path }
    : unpacked instanceof Error
      ? { channel: "chrome" }
      : { executablePath: unpacked.chromium };
  const libraries =
    path || unpacked instanceof Error
      ? [undefined]
      : [
          undefined,
          { ...(process.env as Record<string, string>), LD_LIBRARY_PATH: unpacked.libraries },
        ];
  const adapters = [["--enable-features=Vulkan"], ["--use-webgpu-adapter=swiftshader"]];

  const plain = { ...binary, args: chromiumArgs };
  let found: Pick<Runtimes, "chromium" | "launch"> | undefined;
  let failure = "";
  for (const env of libraries) {
    for (const extra of adapters) {
      const launch = { ...binary, args: [...chromiumArgs, ...extra], ...(env && { env }) };
      try {
        const adapter = await probeChromium(launch);
        if (adapter !== null) return { chromium: { adapter }, launch };
        found = { chromium: { skipped: noAdapter, cannotRun: false }, launch };
      } catch (error) {
        failure = reason(error);
        break;
      }
    }
  }
  if (found) return found;
  const why = unpacked instanceof Error ? `${unpacked.message}; ${failure}` : failure;
  return { chromium: { skipped: why, cannotRun: true }, launch: plain };
};
