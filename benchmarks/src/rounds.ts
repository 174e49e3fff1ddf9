import { setTimeout as sleep } from "node:timers/promises";
import type { Samples } from "./protocol.ts";
import type { Spawned } from "./spawned.ts";
import { median, type Spread, spread } from "./statistics.ts";
import type { Workload } from "./workloads.ts";

/** All steps of one contestant. */
export interface Course {
  /** The steps that show that everybody computes the same. The first one includes compilation. */
  readonly check: Samples;
  /** Milliseconds of the steps of each round; rounds dropped as warm-up are not here. */
  readonly rounds: readonly (readonly number[])[];
  /** Milliseconds of CPU time per step, of each round. */
  readonly cpu: readonly number[];
}

export type Courses = Readonly<Record<string, Course>>;

const WARM_UP_ROUNDS = 2;
// Threads of a BLAS spin for a while after their work; the next contestant should not pay for it.
const PAUSE_MS = 20;

const TURN = {
  // Threads that slept through the turns of others may wake on one core, and Linux takes some 40 ms to part them.
  leadIn: 60,
  // A slow contestant takes fewer steps in its turn.
  limit: 60,
};

/** A contestant that has taken the steps whose losses are compared. */
export interface Started {
  readonly child: Spawned;
  readonly check: Samples;
}

/** Lets the contestants take turns, A B C A B C …, the same steps for each. */
export async function takeTurns(
  started: readonly Started[],
  workload: Workload,
  rounds: number,
): Promise<Courses> {
  const courses = started.map(({ child, check }) => ({
    child,
    course: { check, rounds: [] as (readonly number[])[], cpu: [] as number[] },
  }));
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    for (const { child, course } of courses) {
      await sleep(PAUSE_MS);
      const { ms, cpu } = await child.steps(workload.steps, TURN);
      if (round < 0) continue;
      course.rounds.push(ms);
      course.cpu.push(cpu);
    }
  }
  return Object.fromEntries(courses.map(({ child, course }) => [child.entry.name, course]));
}

/** One row of a table. */
export interface Summary {
  /** Milliseconds per step: median over the rounds of a round's median. */
  readonly ms: Spread;
  /** The fastest step of all. */
  readonly fastest: number;
  /** Time divided by that of the first contestant in the same round. */
  readonly ratio: Spread;
  /** The same for CPU time, which other programs on the machine disturb less. */
  readonly cpu: Spread;
  readonly cpuRatio: Spread;
  /** The first step, with tracing and compilation where there is any. */
  readonly firstStep: number;
  /** Largest relative difference of a checked loss from the median of all contestants. */
  readonly lossDifference: number;
}

const ratios = (values: readonly number[], base: readonly number[]): number[] =>
  values.map((value, i) => value / (base[i] ?? Number.NaN));

/** Compares every contestant with the first one. */
export function summarize(courses: Courses): Readonly<Record<string, Summary>> {
  const reference = Object.values(courses)[0] as Course;
  const medians = ({ rounds }: Course): number[] => rounds.map(median);
  const base = medians(reference);
  const expected = reference.check.losses.map((_, i) =>
    median(Object.values(courses).map(({ check }) => check.losses[i] ?? Number.NaN)),
  );
  const rows = Object.entries(courses).map(([name, course]): [string, Summary] => {
    const own = medians(course);
    const differences = expected.map((loss, i) =>
      Math.abs((course.check.losses[i] ?? Number.NaN) / loss - 1),
    );
    return [
      name,
      {
        ms: spread(own),
        fastest: Math.min(...course.rounds.flat()),
        ratio: spread(ratios(own, base)),
        cpu: spread(course.cpu),
        cpuRatio: spread(ratios(course.cpu, reference.cpu)),
        firstStep: course.check.ms[0] ?? Number.NaN,
        lossDifference: Math.max(...differences),
      },
    ];
  });
  return Object.fromEntries(rows);
}
