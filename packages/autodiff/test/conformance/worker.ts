import { environment, type SpecResult } from "./jasmine.ts";
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import { parentPort, workerData } from "node:worker_threads";
import "./setup.ts";
import "@tensorflow/tfjs-core/dist/tests";

/** What the worker answers for each spec. */
export interface SpecOutcome {
  readonly name: string;
  readonly status: SpecResult["status"];
  readonly message: string;
}

const { filter } = workerData as { readonly filter?: string };
const outcomes: SpecOutcome[] = [];

environment.addReporter({
  specDone: ({ fullName, status, failedExpectations }: SpecResult) => {
    const name = fullName.replace(" layerwise {}", "");
    const message = failedExpectations.map((e) => `${e.message}\n${e.stack}`).join("\n");
    if (status !== "excluded") outcomes.push({ name, status, message });
  },
});
const wanted = new RegExp(filter ?? "");
environment.configure({
  random: false,
  specFilter: (spec) => wanted.test(spec.getFullName()),
});
void environment.execute().then(() => parentPort?.postMessage(outcomes));
