import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { ExecutorTimes } from "./executor.ts";

/** Runs `executor.ts` in a process of its own. */
export async function measureExecutor(fixtures: string): Promise<ExecutorTimes> {
  const script = fileURLToPath(new URL("executor.ts", import.meta.url));
  const args = [...process.execArgv, script, fixtures];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout.slice(stdout.indexOf("{"))) as ExecutorTimes;
}
