// Packs every published package as `pnpm publish` would and checks the tarballs: publint, the types as TypeScript
// resolves them, what JSR would take, and an install into an empty project where each package is imported. Needs a build.
// Ends with `N passed, N failed`, four tests per package and two for the install and the command line.
import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import process from "node:process";
import { line } from "./report.ts";

const root = process.cwd();
const work = mkdtempSync(join(tmpdir(), "layerwise-packed-"));
let passed = 0;
let failed = 0;
const check = (title: string, cwd: string, program: string, ...args: string[]): boolean => {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: "utf8" });
  if (status === 0) {
    passed++;
    return true;
  }
  failed++;
  console.log(`FAIL ${title}\n${`${stdout ?? ""}${stderr ?? ""}`.trim()}\n`);
  return false;
};

const names: string[] = [];
for (const dir of globSync("packages/*").sort()) {
  const { name } = JSON.parse(readFileSync(join(dir, "package.json"), "utf8"));
  const tarball = join(work, `${basename(dir)}.tgz`);
  const pack = ["pack", "--out", tarball];
  const { status, stderr } = spawnSync("pnpm", pack, { cwd: dir, encoding: "utf8" });
  if (status !== 0) {
    failed++;
    console.log(`FAIL ${name}: pack\n${stderr}`);
    continue;
  }
  names.push(name);
  check(`${name}: publint`, root, "publint", "--strict", tarball);
  check(`${name}: jsr`, dir, "deno", "publish", "--dry-run", "--allow-dirty");
  check(`${name}: attw`, root, "attw", "--profile", "esm-only", tarball);
}

const project = join(work, "project");
mkdirSync(project);
const tarballs = globSync(join(work, "*.tgz")).map(
  (file) => [basename(file, ".tgz"), file] as const,
);
const dependencies = Object.fromEntries(
  tarballs.map(([dir, file]) => [
    dir === "cli" ? "layerwise" : `@layerwise/${dir}`,
    `file:${file}`,
  ]),
);
const manifest = { name: "consumer", private: true, type: "module", dependencies };
writeFileSync(
  join(project, "package.json"),
  JSON.stringify({ ...manifest, overrides: dependencies }),
);
if (check("install into an empty project", project, "npm", "install", "--no-audit", "--no-fund")) {
  for (const name of names) {
    check(`${name}: import`, project, "node", "-e", `await import(${JSON.stringify(name)})`);
  }
  check("layerwise --help", project, "npx", "layerwise", "--help");
}
rmSync(work, { recursive: true });

console.log(line({ passed, failed }));
process.exitCode = failed === 0 ? 0 : 1;
