// One contestant in a process of its own: `child.ts NAME`, requests on stdin, answers on stdout.
import process from "node:process";
import { createInterface } from "node:readline";
import type { Trainer } from "./contestants/contestant.ts";
import { entries } from "./contestants/index.ts";
import { readFixtures } from "./fixtures.ts";
import type { Request, Samples } from "./protocol.ts";

const load = entries.find(({ name }) => name === process.argv[2])?.load;
if (load === undefined) throw new Error(`child: no contestant ${process.argv[2]}`);
const reply = (message: object): void => console.log(JSON.stringify(message));

const { versions, start } = await load();
reply({ versions });
let trainer: Trainer | undefined;
let batches = 1;
let batchesPerStep = 1;
let count = 0;

async function steps(
  number: number,
  leadIn = 0,
  limit = Number.POSITIVE_INFINITY,
): Promise<Samples> {
  if (trainer === undefined) throw new Error("child: steps before start");
  const entered = performance.now();
  while (performance.now() - entered < leadIn) await trainer.step(count++ % batches);
  const ms: number[] = [];
  const losses: number[] = [];
  const before = process.cpuUsage();
  const end = performance.now() + limit;
  for (let i = 0; i < number; i++) {
    const begin = performance.now();
    losses.push(await trainer.step(count++ % batches));
    const now = performance.now();
    ms.push((now - begin) / batchesPerStep);
    if (now > end) break;
  }
  const { user, system } = process.cpuUsage(before);
  return { ms, losses, cpu: (user + system) / 1000 / (ms.length * batchesPerStep) };
}

for await (const line of createInterface({ input: process.stdin })) {
  const request: Request = JSON.parse(line);
  if (request.kind === "start") {
    const fixtures = await readFixtures(request.path);
    trainer = await start(fixtures);
    batches = fixtures.x.length;
    batchesPerStep = fixtures.workload.fit ?? 1;
    count = 0;
    reply({});
  } else {
    reply(await steps(request.steps, request.leadIn, request.limit));
  }
}
process.exit(0);
