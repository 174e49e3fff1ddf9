// Oracle: the exit status of a process of the same runtime.
import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

it("a pool does not keep a process alive", () => {
  const script = fileURLToPath(new URL("./idle-process.ts", import.meta.url));
  const args = "Deno" in globalThis ? ["run", "-A", script] : [script];
  const { status, stdout } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    timeout: 30_000,
  });
  expect({ status, stdout }).toEqual({ status: 0, stdout: "threads 3" });
});
