import { workerData } from "node:worker_threads";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { setTestEnvs } from "@tensorflow/tfjs-core/dist/jasmine_util.js";
import { type Force, GraphBackend } from "./backend.ts";
import { interpretEach, interpretWhole, onHost } from "./evaluate.ts";
import { routeGradients } from "./gradients.ts";
import { registerKernels } from "./kernels.ts";
import type { Mode, Task } from "./modes.ts";

const BACKEND = "layerwise-conformance";

const { mode } = workerData as Task;
const evaluation: { readonly [K in Mode]?: Force } = {
  eager: interpretEach,
  lazy: interpretWhole,
  host: onHost,
};

const force = evaluation[mode];
if (force !== undefined) {
  tf.registerBackend(BACKEND, () => new GraphBackend(force));
  registerKernels(BACKEND, mode !== "lazy");
}
if (mode === "gradients") routeGradients();
const backendName = force === undefined ? "cpu" : BACKEND;
setTestEnvs([{ name: "layerwise", backendName, isDataSync: true }]);
