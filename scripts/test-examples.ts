// Runs every documented example as a module of its own in Node, on the sources, and type-checks all of them:
//   node scripts/test-examples.ts [package]
// Ends with `N passed, N failed`: one test per example and one per package for the types.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { prepared } from "@layerwise/runtimes";
import { type Example, examples } from "./extract-examples.ts";
import { line } from "./report.ts";

const run = promisify(execFile);
// Inside the package, so that imports resolve as they do for its own code. Ignored by git, removed at the end.
const folder = ".examples";

interface Job {
  title: string;
  cwd: string;
  command: [string, ...string[]];
}

const write = (example: Example): void => {
  const dir = join(example.dir, folder);
  if (!existsSync(dir)) {
    mkdirSync(dir);
    const config = {
      extends: "../tsconfig.json",
      // Examples show a value by naming it; that it stays unused is the point.
      compilerOptions: { noUnusedLocals: false, moduleDetection: "force" },
      include: ["*.ts"],
    };
    writeFileSync(join(dir, "tsconfig.json"), JSON.stringify(config));
  }
  writeFileSync(join(dir, example.file), example.code);
};

const found = await examples(process.argv[2]);
const dirs = [...new Set(found.map(({ dir }) => dir))];
const clean = (): void => {
  for (const dir of dirs) rmSync(join(dir, folder), { recursive: true, force: true });
};
clean();
found.forEach(write);

const jobs: Job[] = [
  ...dirs.map((dir): Job => {
    return { title: `${dir}: types`, cwd: dir, command: ["tsc", "-p", folder] };
  }),
  ...found
    .filter((example) => example.run)
    .map(({ title, dir, file }): Job => {
      const flags = ["--conditions=@layerwise/source", "--disable-warning=ExperimentalWarning"];
      return { title, cwd: dir, command: ["node", ...flags, join(folder, file)] };
    }),
];

// Most of the time of an example is the compilation of the sources, which all of them share.
const cache = mkdtempSync(join(tmpdir(), "layerwise-examples-"));
const env = { ...process.env, ...(await prepared()).env, NODE_COMPILE_CACHE: cache };
let passed = 0;
let failed = 0;
const worker = async (): Promise<void> => {
  for (let job = jobs.shift(); job; job = jobs.shift()) {
    const [program, ...args] = job.command;
    try {
      await run(program, args, { cwd: job.cwd, env, timeout: 120_000 });
      passed++;
    } catch (error) {
      failed++;
      const { stdout = "", stderr = "", message } = error as Error & Record<string, string>;
      console.log(`FAIL ${job.title}\n${(stdout + stderr).trim() || message}\n`);
    }
  }
};
await Promise.all(Array.from({ length: availableParallelism() }, worker));
clean();
rmSync(cache, { recursive: true, force: true });

console.log(line({ passed, failed }));
process.exitCode = failed === 0 ? 0 : 1;
