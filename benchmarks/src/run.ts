// `pnpm bench [--rounds 20] [--workload ae] [--only layerwise,tfjs-layers] [--out FILE]`
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { entries } from "./contestants/index.ts";
import { makeFixtures, writeFixtures } from "./fixtures.ts";
import { commit, load, machine } from "./machine.ts";
import { measureOverhead } from "./overhead-process.ts";
import { type Courses, type Summary, summarize, takeTurns } from "./rounds.ts";
import { type Spawned, spawnContestant } from "./spawned.ts";
import { overheadTable, workloadTable } from "./tables.ts";
import { type Workload, workloads } from "./workloads.ts";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "20" },
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
const skipped: Record<string, string> = {};
const versions: Record<string, string> = {};
const dir = await mkdtemp(join(tmpdir(), "layerwise-bench-"));
const results: Result[] = [];
try {
  for (const workload of chosen) results.push(await measure(workload));
  const overhead = await measureOverhead(dir, chosen);
  console.log(overheadTable(overhead));
  if (options.out !== undefined) {
    const command = ["pnpm bench", ...process.argv.slice(2)].join(" ");
    const date = new Date().toISOString();
    const where = { machine: machine(), commit: commit(), versions, skipped };
    const report = { date, command, ...where, overhead, results };
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
  const children: Spawned[] = [];
  try {
    for (const entry of wanted) {
      if (entry.name in skipped) continue;
      const child = await spawnContestant(entry).catch((error: Error) => {
        skipped[entry.name] = error.message;
        console.log(`skipped ${entry.name}: ${error.message}`);
      });
      if (!child) continue;
      children.push(child);
      Object.assign(versions, child.versions);
      await child.start(path);
    }
    const loadBefore = load();
    const courses = await takeTurns(children, workload, rounds);
    const summary = summarize(courses);
    console.log(workloadTable(workload, summary));
    requireAgreement(workload, courses, summary);
    return { workload, loadBefore, loadAfter: load(), summary, courses };
  } finally {
    for (const child of children) child.end();
  }
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
