// Runs the test suites:
//   node scripts/test.ts [node] [deno] [browser] [dist] [file filter ...]
// Without a runtime: Node, Deno and Chromium. `dist` is the Node suite on the built packages.
// Ends with `N passed, N failed`. A runtime that cannot run is skipped with its reason; with CI=true that is a failure.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { prepare, type Runtime } from "@layerwise/runtimes";
import { line, type Tally, total } from "./report.ts";

const suites = {
  node: { command: ["vitest"], project: "*(node)*", runtime: "node", env: {} },
  deno: {
    command: ["deno", "run", "-A", "npm:vitest"],
    project: "*(node)*",
    runtime: "deno",
    env: {},
  },
  browser: { command: ["vitest"], project: "*(browser)*", runtime: "chromium", env: {} },
  dist: { command: ["vitest"], project: "*(node)*", runtime: "node", env: { TEST_DIST: "1" } },
} as const;
type Suite = keyof typeof suites;

const isSuite = (arg: string): arg is Suite => arg in suites;
const args = process.argv.slice(2);
const chosen = args.filter(isSuite);
const filters = args.filter((arg) => !isSuite(arg));
const strict = process.env.CI === "true";
const temporary = mkdtempSync(join(tmpdir(), "layerwise-"));

interface JsonReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

const read = (file: string, exit: number): Tally & { skipped: number } => {
  let report: JsonReport;
  try {
    report = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return { passed: 0, failed: exit === 0 ? 0 : 1, skipped: 0 };
  }
  // A file that does not load has no test to fail; errors outside of tests only show in the exit status.
  const broken = report.testResults.filter(
    (f) => f.status === "failed" && !f.assertionResults.some((t) => t.status === "failed"),
  );
  const failed = report.numFailedTests + broken.length;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && exit !== 0 ? 1 : failed,
    skipped: report.numPendingTests,
  };
};

const runSuite = (name: Suite): Tally & { skipped: number } => {
  const { command, project, env } = suites[name];
  const file = join(temporary, `${name}.json`);
  const [program, ...rest] = [
    ...command,
    "run",
    "--project",
    project,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${file}`,
    ...filters,
  ] as [string, ...string[]];
  const { status, error } = spawnSync(program, rest, {
    stdio: "inherit",
    env: { ...process.env, ...env },
  });
  if (error) console.error(String(error));
  return read(file, status ?? 1);
};

const runtimes = await prepare();
const describe = (r: Runtime): string =>
  "adapter" in r ? `WebGPU on ${r.adapter}` : `no WebGPU: ${r.skipped}`;
const tallies: Tally[] = [];
const summary: string[] = [];
for (const name of chosen.length > 0 ? chosen : (["node", "deno", "browser"] as const)) {
  const runtime = runtimes[suites[name].runtime];
  console.log(`\n=== ${name}: ${describe(runtime)}`);
  const missing = "skipped" in runtime;
  if (missing && strict) tallies.push({ passed: 0, failed: 1 });
  // Without an adapter Node and Deno still run everything else.
  if (missing && runtime.cannotRun) {
    summary.push(`${name.padEnd(8)} SKIPPED: ${runtime.skipped}`);
    continue;
  }
  const result = runSuite(name);
  tallies.push(result);
  summary.push(
    `${name.padEnd(8)} passed ${result.passed}  failed ${result.failed}  skipped ${result.skipped}  (${describe(runtime)})`,
  );
}
rmSync(temporary, { recursive: true });

const tally = total(tallies);
console.log(`\n${summary.join("\n")}\n${line(tally)}`);
process.exitCode = tally.failed === 0 ? 0 : 1;
