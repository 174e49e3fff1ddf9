import * as tf from "@tensorflow/tfjs-core";
import type { LayerwiseCPU } from "../../src/backend/backend.ts";
import type { Mode } from "../../src/backend/recorder.ts";
import { registerBackend } from "../../src/backend/register.ts";
import { type HostEngine, hostEngine } from "./host-engine.ts";

/** Registers a backend on a host engine under a name of its own and makes it active. */
export const useHostBackend = async (name: string, mode: Mode): Promise<HostEngine> => {
  const engine = hostEngine();
  registerBackend(() => engine, { mode, name });
  await tf.setBackend(name);
  return engine;
};

/** The active backend. */
export const active = (): LayerwiseCPU => tf.backend() as LayerwiseCPU;
