import { Worker } from "node:worker_threads";
import { type Job, jobsOf, workOf } from "./jobs.ts";
import type { Options } from "./settings.ts";
import type { Digits, Pretrained, Result } from "./train.ts";
import type { Answer, Order, WorkerData } from "./worker.ts";

/** What the study tells while it goes on. */
export interface Listener {
  /** A thread begins a job. */
  started(thread: number, job: Job): void;
  /** Work done by a thread on its job. */
  progressed(thread: number, work: number): void;
  finished(thread: number, result: Result): void;
}

/** What came out. */
export interface Outcome {
  readonly results: readonly Result[];
  readonly backend: string;
  /** Whether it was stopped before the end. */
  readonly interrupted: boolean;
}

/**
 * Does all jobs on a few threads. Results do not depend on their number: each job has its own
 * random keys. Aborting `signal` ends the running jobs after their present step.
 */
export async function runStudy(
  options: Options,
  digits: Digits,
  signal: AbortSignal,
  listener: Listener,
): Promise<Outcome> {
  const waiting = [...jobsOf(options)];
  const results: Result[] = [];
  const stop = new SharedArrayBuffer(4);
  const workerData: WorkerData = { settings: options, digits, stop };
  let pretrained: Pretrained | undefined;
  let backend = "";
  // Wakes threads that have nothing to do until the layers are pre-trained.
  let wake = Promise.withResolvers<void>();
  const halt = (): void => {
    Atomics.store(new Int32Array(stop), 0, 1);
    waiting.length = 0;
    wake.resolve();
  };

  const next = async (): Promise<Job | undefined> => {
    for (;;) {
      if (waiting.length === 0) return undefined;
      const ready = (job: Job) =>
        job.kind === "pretrain" || job.condition !== "with" || pretrained !== undefined;
      const at = waiting.findIndex(ready);
      if (at >= 0) return waiting.splice(at, 1)[0];
      await wake.promise;
    }
  };

  const serve = async (thread: number): Promise<void> => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData });
    const ask = conversation(worker, (work) => listener.progressed(thread, work));
    try {
      const hello = await ask();
      if (hello.type === "ready") backend = hello.backend;
      for (let job = await next(); job; job = await next()) {
        listener.started(thread, job);
        const answer = await ask({ job, pretrained: needs(job) ? pretrained : undefined });
        if (answer.type !== "result") continue;
        const { result } = answer;
        results.push(result);
        if (result.kind === "pretrain") pretrained = result;
        listener.progressed(thread, workOf(options, job));
        listener.finished(thread, result);
        wake.resolve();
        wake = Promise.withResolvers<void>();
      }
    } catch (error) {
      halt();
      throw error;
    } finally {
      await worker.terminate();
    }
  };

  signal.addEventListener("abort", halt);
  await Promise.all(Array.from({ length: options.threads }, (_, i) => serve(i)));
  return { results, backend, interrupted: signal.aborted };
}

const needs = (job: Job): boolean => job.kind === "train" && job.condition === "with";

/** Sends an order, if any, and waits for the answer; progress on the way goes to `onProgress`. */
function conversation(worker: Worker, onProgress: (work: number) => void) {
  return (order?: Order): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const done = (): void => {
        worker.off("message", onMessage).off("error", onError);
      };
      const onMessage = (answer: Answer): void => {
        if (answer.type === "progress") {
          onProgress(answer.work);
          return;
        }
        done();
        resolve(answer);
      };
      const onError = (error: Error): void => {
        done();
        reject(error);
      };
      worker.on("message", onMessage).on("error", onError);
      if (order) worker.postMessage(order);
    });
}
