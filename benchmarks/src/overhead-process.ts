import { execFile } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Overhead } from "./overhead.ts";
import type { Workload } from "./workloads.ts";

/** Runs `overhead.ts` in a process of its own. */
export async function measureOverhead(dir: string, chosen: readonly Workload[]): Promise<Overhead> {
  const script = fileURLToPath(new URL("overhead.ts", import.meta.url));
  const paths = chosen.map(({ name }) => join(dir, name));
  const args = [...process.execArgv, script, ...paths];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout.slice(stdout.indexOf("{"))) as Overhead;
}
