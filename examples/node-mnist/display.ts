import process from "node:process";
import {
  advanceProgress,
  estimateProgress,
  formatDuration,
  startProgress,
} from "@layerwise/report";
import { MultiBar, type SingleBar } from "cli-progress";
import { describeJob, type Job, jobsOf, workOf } from "./jobs.ts";
import type { Listener } from "./pool.ts";
import type { Options } from "./settings.ts";
import type { Result } from "./train.ts";

/** Shows how far a study is: bars on a terminal, one line for each result anywhere else. */
export interface Display extends Listener {
  /** A line of text that stays. */
  say(line: string): void;
  close(): void;
}

/** Says in a line what came out of a job. */
export function describeResult(result: Result): string {
  const time = formatDuration(result.seconds);
  if (result.kind === "pretrain") return `${result.layers} layers pre-trained in ${time}`;
  const name = describeJob(result);
  if (result.diverged) return `${name}: ${result.diverged}`;
  const error = result.errors.at(-1);
  return error === undefined
    ? `${name}: stopped in the first epoch`
    : `${name}: test error ${error.toFixed(2)} % in ${time}`;
}

export const openDisplay = (options: Options): Display =>
  process.stdout.isTTY ? bars(options) : lines();

const lines = (): Display => ({
  started: () => {},
  progressed: () => {},
  finished: (_, result) => console.log(describeResult(result)),
  say: (line) => console.log(line),
  close: () => {},
});

const TITLE_WIDTH = 40;

function bars(options: Options): Display {
  const total = jobsOf(options).reduce((sum, job) => sum + workOf(options, job), 0);
  let progress = startProgress(total, performance.now());
  let finished = 0;
  const running = new Map<number, number>();
  const multi = new MultiBar({
    format: "{title} [{bar}] {percentage} %  {left}",
    barCompleteChar: "=",
    barIncompleteChar: " ",
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
    // Ctrl-C is the program's own affair: it still has a report to write.
    gracefulExit: false,
  });
  const bar = (title: string, size: number): SingleBar =>
    multi.create(size, 0, { title: title.padEnd(TITLE_WIDTH), left: "" });
  const all = bar("everything", total);
  const own = Array.from({ length: options.threads }, () => bar("starting", 1));
  const titles = own.map(() => "");
  const update = (): void => {
    const done = Math.min(total, finished + [...running.values()].reduce((a, b) => a + b, 0));
    progress = advanceProgress(progress, Math.max(done, lastOf(progress)), performance.now());
    const { remaining } = estimateProgress(progress);
    all.update(done, {
      left: remaining === undefined ? "estimating" : `${formatDuration(remaining)} left`,
    });
  };
  const say = (line: string): void => {
    multi.log(`${line}\n`);
    // Lines wait for the next drawing, and after the last job there is none.
    multi.update();
  };
  return {
    started: (thread, job: Job) => {
      titles[thread] = describeJob(job).padEnd(TITLE_WIDTH);
      running.set(thread, 0);
      own[thread]?.setTotal(workOf(options, job));
      own[thread]?.update(0, { title: titles[thread] });
    },
    progressed: (thread, work) => {
      running.set(thread, work);
      own[thread]?.update(work, { title: titles[thread] });
      update();
    },
    finished: (thread, result) => {
      finished += running.get(thread) ?? 0;
      running.delete(thread);
      update();
      say(describeResult(result));
    },
    say,
    close: () => multi.stop(),
  };
}

const lastOf = ({ samples }: ReturnType<typeof startProgress>): number => samples.at(-1)?.done ?? 0;
