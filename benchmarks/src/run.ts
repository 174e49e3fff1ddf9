// `pnpm bench [--rounds 12] [--workload ae] [--only layerwise,torch] [--out FILE]`
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { entries } from "./contestants/index.ts";
import type { ExecutorTimes } from "./executor.ts";
import { measureExecutor } from "./executor-process.ts";
import { makeFixtures, writeFixtures } from "./fixtures.ts";
import { commit, load, machine } from "./machine.ts";
import { type Courses, type Started, type Summary, summarize, takeTurns } from "./rounds.ts";
import { type Spawned, spawnContestant } from "./spawned.ts";
import { executorTable, overview, workloadTable } from "./tables.ts";
import { type Workload, workloads } from "./workloads.ts";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "12" },
    workload: { type: "string", multiple: true },
    only: { type: "string" },
    out: { type: "string" },
  },
});
// A sum of 1e5 squares, one after the other in 32 bits as tfjs-backend-wasm does it, is off by up to 2e-5; the same
// sum by rows, or pairwise, by 1e-6.
const TOLERANCE = 5e-5;

interface Result {
  readonly workload: Workload;
  readonly loadBefore: number;
  readonly loadAfter: number;
  readonly summary: Readonly<Record<string, Summary>>;
  readonly courses: Courses;
}

const rounds = Number(options.rounds);
const chosen = workloads.filter(({ name }) => options.workload?.includes(name) ?? true);
const wanted = entries.filter(({ name }) => options.only?.split(",").includes(name) ?? true);
/** Reasons by contestant, or by contestant and workload. */
const skipped: Record<string, string> = {};
const versions: Record<string, string> = {};
const dir = await mkdtemp(join(tmpdir(), "layerwise-bench-"));
const results: Result[] = [];
try {
  for (const workload of chosen) results.push(await measure(workload));
  const executor: ExecutorTimes[] = [];
  for (const { name, fit } of chosen) {
    if (fit === undefined) executor.push(await measureExecutor(join(dir, name)));
  }
  console.log(executorTable(executor));
  console.log(overview(results));
  if (options.out !== undefined) {
    const command = ["pnpm bench", ...process.argv.slice(2)].join(" ");
    const date = new Date().toISOString();
    const where = { machine: machine(), commit: commit(), versions, skipped };
    const report = { date, command, ...where, executor, results };
    const root = fileURLToPath(new URL("../", import.meta.url));
    const file = resolve(root, options.out);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, compact(report));
  }
} finally {
  await rm(dir, { recursive: true });
}

async function measure(workload: Workload): Promise<Result> {
  const path = await writeFixtures(dir, makeFixtures(workload));
  const children = await spawnAll();
  try {
    const started: Started[] = [];
    for (const child of children) {
      const check = await child
        .start(path)
        .then(() => child.steps(workload.checked))
        .catch((error: Error) => skip(`${child.entry.name} at ${workload.name}`, error));
      if (check) started.push({ child, check });
    }
    const loadBefore = load();
    const courses = await takeTurns(started, workload, rounds);
    const summary = summarize(courses);
    console.log(workloadTable(workload, summary));
    requireAgreement(workload, courses, summary);
    return { workload, loadBefore, loadAfter: load(), summary, courses };
  } finally {
    for (const child of children) child.end();
  }
}

/** A fresh process for everybody who can run. */
async function spawnAll(): Promise<Spawned[]> {
  const possible = wanted.filter(({ name }) => !(name in skipped));
  const spawned = await Promise.all(
    possible.map(async (entry) => {
      const child = await spawnContestant(entry).catch((error: Error) => skip(entry.name, error));
      if (child) Object.assign(versions, child.versions);
      return child;
    }),
  );
  return spawned.filter((child) => child !== undefined);
}

function skip(who: string, { message }: Error): undefined {
  skipped[who] = message;
  console.log(`skipped ${who}: ${message}`);
}

/** Times of things that do not compute the same are worth nothing. */
function requireAgreement(
  { name: workload }: Workload,
  courses: Courses,
  summary: Readonly<Record<string, Summary>>,
): void {
  const wrong = Object.entries(summary).filter((row) => !(row[1].lossDifference <= TOLERANCE));
  if (wrong.length === 0) return;
  const rows = Object.entries(courses).map(([name, { check }]) => `${name}: ${check.losses}`);
  const names = wrong.map(([name]) => name).join(", ");
  throw new Error(`${workload}: the losses of ${names} differ\n${rows.join("\n")}`);
}

/** Lists of numbers on one line each, and no digits that mean nothing. */
function compact(report: object): string {
  const round = (digits: number) => (_: string, value: unknown) =>
    typeof value === "number" ? Number(value.toPrecision(digits)) : value;
  const replacer = (key: string, value: unknown): unknown =>
    key === "rounds" || key === "cpu"
      ? JSON.parse(JSON.stringify(value, round(4)))
      : round(7)(key, value);
  const text = JSON.stringify(report, replacer, 1);
  return `${text.replace(/\[[^[\]{}]*\]/g, (list) => list.replace(/\s+/g, " "))}\n`;
}
