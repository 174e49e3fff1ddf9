// One thread: takes jobs one at a time and answers with progress and results.
import { parentPort, workerData } from "node:worker_threads";
import { cpu } from "@layerwise/cpu";
import type { Job } from "./jobs.ts";
import type { Settings } from "./settings.ts";
import { type Digits, type Pretrained, type Result, runJob, toDevice } from "./train.ts";

/** What a thread is started with. */
export interface WorkerData {
  readonly settings: Settings;
  readonly digits: Digits;
  /** An Int32 that becomes 1 when everything is to stop: seen at the next step, without a message. */
  readonly stop: SharedArrayBuffer;
}

/** What a thread is told. */
export interface Order {
  readonly job: Job;
  readonly pretrained: Pretrained | undefined;
}

/** What a thread says. */
export type Answer =
  | { readonly type: "ready"; readonly backend: string }
  | { readonly type: "progress"; readonly work: number }
  | { readonly type: "result"; readonly result: Result };

const { settings, digits, stop } = workerData as WorkerData;
const flag = new Int32Array(stop);
const signal = {
  get aborted(): boolean {
    return Atomics.load(flag, 0) === 1;
  },
};
const answer = (message: Answer): void => parentPort?.postMessage(message);

// Each thread of the study computes a job of its own.
const { backend, simd } = await cpu({ threads: 1 });
const data = toDevice(digits);
parentPort?.on("message", async ({ job, pretrained }: Order) => {
  const tell = (work: number): void => answer({ type: "progress", work });
  answer({
    type: "result",
    result: await runJob(job, settings, data, pretrained, { signal, tell }),
  });
});
answer({ type: "ready", backend: `${backend}${simd ? " with SIMD" : ""}` });
