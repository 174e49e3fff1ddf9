import { Worker } from "node:worker_threads";
import type { Mode } from "./modes.ts";
import type { SpecOutcome } from "./worker.ts";

/** Runs tfjs-core's specs in a worker. */
export function runSpecs(bundle: string, mode: Mode, filter = ""): Promise<SpecOutcome[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(bundle, { workerData: { mode, filter }, stdout: true, stderr: true });
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`the worker ended with code ${code}`)));
    worker.once("message", (outcomes: SpecOutcome[]) => {
      resolve(outcomes);
      void worker.terminate();
    });
  });
}
