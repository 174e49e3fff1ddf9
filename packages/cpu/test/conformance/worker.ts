// The entry of the bundle. The order of the imports counts: Jasmine, what tfjs-core needs, the backend, the specs.
// @boundaries-ignore autodiff's harness for the specs
import { environment, type SpecResult } from "../../../autodiff/test/conformance/jasmine.ts";
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js";
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
import { parentPort, workerData } from "node:worker_threads";
import { stats } from "./setup.ts";
import "@tensorflow/tfjs-core/dist/tests.js";
import type { Report, SpecOutcome, Task } from "./task.ts";

const specs: SpecOutcome[] = [];
environment.addReporter({
  specDone: ({ fullName, status, failedExpectations }: SpecResult) => {
    // tfjs puts the name and flags of the backend into the name of the suite.
    const name = fullName.replace(" layerwise {}", "");
    const message = failedExpectations.map((e) => `${e.message}\n${e.stack}`).join("\n");
    if (status !== "excluded") specs.push({ name, status, message });
  },
});
const wanted = new RegExp((workerData as Task).filter);
environment.configure({ random: false, specFilter: (spec) => wanted.test(spec.getFullName()) });
void environment.execute().then(() => {
  const report: Report = { specs, stats: stats() };
  parentPort?.postMessage(report);
});
