import process from "node:process";
import { version_core } from "@tensorflow/tfjs-core";
import { startBackend } from "../backend.ts";
import type { BackendOptions } from "../backend-name.ts";

/** `layerwise info`: prints what computations run on. */
export async function info(options: BackendOptions): Promise<number> {
  console.log(await startBackend(options));
  console.log(
    `TensorFlow.js ${version_core}, Node ${process.version}, ${process.platform} ${process.arch}`,
  );
  return 0;
}
