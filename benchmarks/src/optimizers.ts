// Microseconds per update of an optimizer's parameters, ours beside tfjs's own:
// `pnpm bench:optimizers [--rounds 20] [--rule adam] [--tensors 1,10,100] [--out FILE]`
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import * as tf from "@tensorflow/tfjs-core";
import { commit, load, machine } from "./machine.ts";
import {
  backends,
  type Contestant,
  contestants,
  prepareBackends,
  rules,
  type Updating,
} from "./optimizers-contestants.ts";
import { median, type Spread, spread } from "./statistics.ts";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "20" },
    rule: { type: "string", multiple: true },
    tensors: { type: "string", default: "1,10,100" },
    out: { type: "string" },
  },
});

const WARM_UP_ROUNDS = 3;
/** Updates whose results are compared before any is timed. */
const CHECKED = 10;
// Ten updates with the powers of Adam's decays as running products in float32, as tfjs has them.
const TOLERANCE = 1e-4;
const TURN = { ms: 20, updates: 5 };

interface Result {
  readonly rule: string;
  readonly tensors: number;
  /** Median microseconds per update, round by round. */
  readonly rounds: Readonly<Record<string, readonly number[]>>;
  readonly us: Readonly<Record<string, Spread>>;
  /** Time of `tf.train` divided by that of our rule in the same round, by backend. */
  readonly ratios: Readonly<Record<string, Spread>>;
}

await prepareBackends();
const loadBefore = load();
const results: Result[] = [];
for (const name of Object.keys(rules)) {
  if (options.rule !== undefined && !options.rule.includes(name)) continue;
  for (const tensors of options.tensors.split(",")) results.push(await measure(name, +tensors));
}
console.log(table(results));
if (options.out !== undefined) {
  const command = ["pnpm bench:optimizers", ...process.argv.slice(2)].join(" ");
  const versions = { "@tensorflow/tfjs-core": tf.version_core };
  const where = { machine: machine(), commit: commit(), versions };
  const loads = { before: loadBefore, after: load() };
  const report = { date: new Date().toISOString(), command, ...where, load: loads, results };
  const file = resolve(fileURLToPath(new URL("../", import.meta.url)), options.out);
  await mkdir(dirname(file), { recursive: true });
  const text = JSON.stringify(report, fewDigits, 1);
  const lists = text.replace(/\[[^[\]{}]*\]/g, (list) => list.replace(/\s+/g, " "));
  await writeFile(file, `${lists}\n`);
}
// The threads of the compiled backend would keep the process alive.
process.exit();

async function measure(name: string, tensors: number): Promise<Result> {
  const rule = rules[name];
  if (rule === undefined) throw new Error(`no rule "${name}"`);
  const started: { contestant: Contestant; run: Updating; rounds: number[] }[] = [];
  let expected: readonly number[] | undefined;
  for (const contestant of contestants) {
    await tf.setBackend(contestant.backend);
    const run = contestant.start(rule, tensors);
    for (let i = 0; i < CHECKED; i++) run.update();
    const values = run.read();
    expected ??= values;
    requireAgreement(`${name}, ${contestant.name}`, values, expected);
    started.push({ contestant, run, rounds: [] });
  }
  for (let round = -WARM_UP_ROUNDS; round < Number(options.rounds); round++) {
    for (const { contestant, run, rounds } of started) {
      await tf.setBackend(contestant.backend);
      const us = turn(run);
      if (round >= 0) rounds.push(us);
    }
  }
  for (const { contestant, run } of started) {
    await tf.setBackend(contestant.backend);
    run.end();
  }
  const rounds = Object.fromEntries(started.map((s) => [s.contestant.name, s.rounds]));
  const us = Object.fromEntries(Object.entries(rounds).map(([key, list]) => [key, spread(list)]));
  return { rule: name, tensors, rounds, us, ratios: ratiosOf(rounds) };
}

/** The median time of an update in one turn; the first one wakes things up. */
function turn({ update }: Updating): number {
  update();
  const times: number[] = [];
  const end = performance.now() + TURN.ms;
  while (times.length < TURN.updates || performance.now() < end) {
    const start = performance.now();
    update();
    times.push(1000 * (performance.now() - start));
  }
  return median(times);
}

/** Times of things that do not compute the same are worth nothing. */
function requireAgreement(who: string, got: readonly number[], want: readonly number[]): void {
  const worst = Math.max(...want.map((x, i) => Math.abs(x - (got[i] ?? Number.NaN))));
  if (!(worst <= TOLERANCE)) throw new Error(`${who}: parameters are ${worst} away`);
}

function ratiosOf(rounds: Result["rounds"]): Record<string, Spread> {
  const ratio = (a: string, b: string): Spread =>
    spread((rounds[a] ?? []).map((us, i) => us / (rounds[b]?.[i] ?? Number.NaN)));
  return Object.fromEntries([
    ...backends.map((backend) => [backend, ratio(`tf.train on ${backend}`, `eager on ${backend}`)]),
    ["compiled", ratio("tf.train on layerwise-cpu", "compiled")],
  ]);
}

function table(rows: readonly Result[]): string {
  const names = contestants.map(({ name }) => name);
  const head = ["rule", "tensors", ...names.map((name) => `${name}, µs`)];
  const ratioHead = [...backends, "compiled"].map((name) => `tf.train / ${name}`);
  const lines = rows.map(({ rule, tensors, us, ratios }) => [
    rule,
    String(tensors),
    ...names.map((name) => us[name]?.median.toPrecision(3) ?? "–"),
    ...[...backends, "compiled"].map((name) => brackets(ratios[name])),
  ]);
  const rule = [...head, ...ratioHead].map(() => "---");
  return [[...head, ...ratioHead], rule, ...lines]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

/** The median, and in brackets the middle half of the rounds. */
function brackets(value: Spread | undefined): string {
  if (value === undefined) return "–";
  const [m, q1, q3] = [value.median, value.q1, value.q3].map((x) => x.toFixed(2));
  return `${m} [${q1}, ${q3}]`;
}

function fewDigits(_: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toPrecision(5)) : value;
}
