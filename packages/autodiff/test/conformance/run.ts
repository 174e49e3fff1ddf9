import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import type { Mode, Report, SpecOutcome } from "./modes.ts";

const jasmine = createRequire(import.meta.url).resolve("jasmine-core/lib/jasmine-core/jasmine.js");

/** Runs tfjs-core's specs in a worker, which may report more than what became of them. */
export function runSpecs<R extends { readonly specs: readonly SpecOutcome[] } = Report>(
  bundle: string,
  mode: Mode,
  filter = "",
): Promise<R> {
  return new Promise((resolve, reject) => {
    const task = { mode, filter, jasmine };
    const worker = new Worker(bundle, { workerData: task, stdout: true, stderr: true });
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`the worker ended with code ${code}`)));
    worker.once("message", (report: R) => {
      resolve(report);
      void worker.terminate();
    });
  });
}
