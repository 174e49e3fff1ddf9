import { workerData } from "node:worker_threads";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { setTestEnvs } from "@tensorflow/tfjs-core/dist/jasmine_util";
import { type Elements, GraphBackend } from "./backend.ts";
import { interpreted, onHost } from "./evaluate.ts";
import { routeGradients } from "./gradients.ts";
import { registerKernels } from "./kernels.ts";
import type { Mode } from "./modes.ts";
import type { Value } from "../../src/ir/types.ts";

const BACKEND = "layerwise-conformance";

const { mode } = workerData as { readonly mode: Mode };

const force: Partial<Record<Mode, (backend: GraphBackend, value: Value) => Elements>> = {
  eager: interpreted(false),
  lazy: interpreted(true),
  host: onHost,
};

const evaluate = force[mode];
if (evaluate !== undefined) {
  tf.registerBackend(BACKEND, () => new GraphBackend(evaluate));
  registerKernels(BACKEND, mode !== "lazy");
}
if (mode === "gradients") routeGradients();
setTestEnvs([
  { name: "layerwise", backendName: evaluate === undefined ? "cpu" : BACKEND, isDataSync: true },
]);
