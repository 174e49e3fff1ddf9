// Installs the workspace. Plain JavaScript without dependencies, for whatever Node the user has (>= 20): everything
// else runs under the repository's own Node. Does nothing when the installed tree already fits the manifests.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const bin = join(root, "node_modules/.bin");
const stamp = join(root, "node_modules/.cache/layerwise/installed");

const manifests = () => {
  const groups = ["packages", "examples", "internal"].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => `${group}/${name}`),
  );
  return [".", "benchmarks", "docs", ...groups]
    .map((dir) => join(root, dir, "package.json"))
    .filter((file) => existsSync(file))
    .concat(join(root, "pnpm-lock.yaml"), join(root, "pnpm-workspace.yaml"));
};

const fingerprint = () => {
  const hash = createHash("sha256");
  for (const file of manifests()) hash.update(readFileSync(file));
  return hash.digest("hex");
};

/** Environment in which `node`, `deno` and the tools are the repository's own. */
export const environment = () => ({
  ...process.env,
  PATH: `${bin}${delimiter}${process.env.PATH}`,
  TURBO_TELEMETRY_DISABLED: "1",
});

/** Run a command in the repository root with its output shown; returns the exit status. */
export const run = (command, args, options = {}) => {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    env: environment(),
    stdio: "inherit",
    shell: process.platform === "win32",
    ...options,
  });
  if (error) console.error(String(error));
  return status ?? 1;
};

/** Install with the pinned pnpm, which npx fetches: no global pnpm is needed. */
export const bootstrap = () => {
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  console.log(`Installing dependencies with ${packageManager} (first run only) ...`);
  const status = run("npx", ["--yes", packageManager, "install", "--frozen-lockfile"], {
    env: process.env,
  });
  if (status !== 0) process.exit(status);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
};

if (process.argv[1] === fileURLToPath(import.meta.url)) bootstrap();
