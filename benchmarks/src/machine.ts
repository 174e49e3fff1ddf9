import { spawnSync } from "node:child_process";
import { availableParallelism, cpus, loadavg } from "node:os";
import process from "node:process";

/** Where the numbers come from, as far as it matters for their meaning. */
export const machine = () => ({
  cpu: cpus()[0]?.model ?? "unknown",
  cpus: availableParallelism(),
  platform: `${process.platform} ${process.arch}`,
  node: process.versions.node,
  v8: process.versions.v8,
});

/** Processes that wanted to run in the last minute; more than there are CPUs means a noisy measurement. */
export const load = (): number => loadavg()[0] ?? Number.NaN;

/** The commit that was measured. */
export const commit = (): string => {
  const args = ["describe", "--always", "--dirty"];
  const { stdout } = spawnSync("git", args, { cwd: import.meta.dirname, encoding: "utf8" });
  return stdout?.trim() || "unknown";
};
