import { workerData } from "node:worker_threads";
import "@tensorflow/tfjs-backend-cpu";
import { registerExecutor } from "@layerwise/autodiff/executor";
import * as tf from "@tensorflow/tfjs-core";
import { setTestEnvs } from "@tensorflow/tfjs-core/dist/jasmine_util.js";
// @boundaries-ignore autodiff's harness for the specs
import { routeGradients } from "../../../autodiff/test/conformance/gradients.ts";
// @boundaries-ignore autodiff's harness for the specs
import { stats as traced } from "../../../autodiff/test/conformance/stats.ts";
import type { LayerwiseCPU } from "../../src/backend/backend.ts";
import { makeExecutor } from "../../src/backend/executor.ts";
import { registerBackend } from "../../src/backend/register.ts";
import { engineUnderTest } from "./engine.ts";
import type { Stats, Task } from "./task.ts";

const BACKEND = "layerwise-conformance";

const { mode } = workerData as Task;
const tested = engineUnderTest();
if (mode === "gradients") {
  // tf.grad and its relatives are traced, differentiated on the graph and compiled by our executor.
  registerExecutor(
    BACKEND,
    makeExecutor(() => tf.backend() as LayerwiseCPU),
  );
  routeGradients();
}
registerBackend(() => tested.engine, { mode: mode === "eager" ? "eager" : "lazy", name: BACKEND });
setTestEnvs([{ name: "layerwise", backendName: BACKEND, isDataSync: true }]);

/** What the engine has done. */
export const stats = (): Stats => ({ ...tested.stats(), gradients: traced.gradients });
