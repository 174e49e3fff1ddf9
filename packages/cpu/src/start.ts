import { type Executor, registerExecutor } from "@layerwise/autodiff/executor";
import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import type { LayerwiseCPU } from "./backend/backend.ts";
import { makeExecutor } from "./backend/executor.ts";
import { BACKEND_NAME, registerBackend } from "./backend/register.ts";
import type { CPU, CPUOptions } from "./cpu.ts";
import { Engine } from "./engine/engine.ts";
import { enableWideVectors } from "./host-runtime.ts";
import { features } from "./wasm/features.ts";

let engine: Engine | undefined;

const engineOf = ({ threads, wideVectors = false }: CPUOptions): Engine => {
  if (engine === undefined) {
    if (wideVectors) enableWideVectors();
    engine = new Engine({
      ...(threads !== undefined && { threads }),
      ...(wideVectors && { products: { tile: { rows: 5, columns: 16 } } }),
    });
  }
  return engine;
};

const executor: Executor = makeExecutor(() => tf.backend() as LayerwiseCPU);

/** Makes the backend known to tfjs. Its engine starts when it is first used. */
export const register = (options: CPUOptions = {}): void => {
  if (tf.findBackendFactory(BACKEND_NAME)) return;
  registerBackend(() => engineOf(options));
  registerExecutor(BACKEND_NAME, executor);
};

/** Makes the backend active, or tfjs's own in plain JavaScript where WebAssembly has no vectors. */
export const start = async (options: CPUOptions): Promise<CPU> => {
  if (!features().simd) {
    await activate("cpu");
    silence(tf.backend() as MathBackendCPU);
    const reason = "this engine's WebAssembly has no vector instructions (SIMD)";
    return { backend: "cpu", simd: false, fma: false, threads: 1, reason };
  }
  register(options);
  await activate(BACKEND_NAME);
  const { pool } = engineOf(options);
  await pool.ready();
  const { threads, reason } = pool;
  const { simd, fma } = features();
  return { backend: BACKEND_NAME, simd, fma, threads, ...(reason !== undefined && { reason }) };
};

const activate = async (backend: string): Promise<void> => {
  if (!(await tf.setBackend(backend))) {
    throw new Error(`cpu: tfjs could not start its ${backend} backend; the console has the reason`);
  }
  await tf.ready();
};

/** Silences the advice to install tfjs-node, which tfjs prints on the first use in Node. */
const silence = (backend: MathBackendCPU): void => {
  (backend as unknown as { firstUse: boolean }).firstUse = false;
};
