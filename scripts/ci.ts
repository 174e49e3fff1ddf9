// Everything that must hold before a merge, in the order in which it fails fastest. `.ci/run` starts it after the
// install. A step that ends with `N passed, N failed` counts with its own numbers, any other step as one test.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { line, parse, type Tally, total } from "./report.ts";

const xla = "packages/autodiff/test-xla/run.sh";
const steps: Record<string, string> = {
  lint: "biome ci",
  structure: "node scripts/check-structure.ts",
  boundaries: "turbo boundaries",
  types: "turbo run check --continue --output-logs=errors-only",
  "types of scripts": "tsc",
  build: "turbo run build --filter=./packages/* --continue --output-logs=errors-only",
  tests: "npm test",
  "tests on dist": "node scripts/test.ts dist",
  examples: "node scripts/test-examples.ts",
  packed: "node scripts/check-packed.ts",
  size: "size-limit",
  ...(existsSync(xla) && { xla: `bash ${xla}` }),
};

const run = (command: string): Promise<{ status: number; output: string }> =>
  new Promise((resolve) => {
    const child = spawn(command, { shell: true, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk;
      process.stdout.write(chunk);
    });
    child.stderr.pipe(process.stderr);
    child.on("close", (status) => resolve({ status: status ?? 1, output }));
  });

const only = process.argv.slice(2);
const tallies: Tally[] = [];
const summary: string[] = [];
for (const [name, command] of Object.entries(steps)) {
  if (only.length > 0 && !only.includes(name)) continue;
  console.log(`\n##### ${name}: ${command}`);
  const start = performance.now();
  const { status, output } = await run(command);
  const own = parse(output);
  const tally = own ?? { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1 };
  if (status !== 0 && tally.failed === 0) tally.failed = 1;
  tallies.push(tally);
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  summary.push(
    `${tally.failed === 0 ? "ok  " : "FAIL"} ${name.padEnd(18)} passed ${tally.passed}  failed ${tally.failed}  ${seconds} s`,
  );
}

const tally = total(tallies);
console.log(`\n${summary.join("\n")}\n${line(tally)}`);
process.exitCode = tally.failed === 0 && tally.passed > 0 ? 0 : 1;
