import { cpu } from "@layerwise/cpu";
import { setWasmPaths, version_wasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { transposeFirst } from "./transposed-products.ts";

/** What plain tfjs code runs on. */
export type BackendName = "layerwise-cpu" | "wasm" | "wasm-transposed";

/** Makes a backend active and gives the versions of what computes. */
export async function activate(name: BackendName): Promise<Readonly<Record<string, string>>> {
  if (name === "layerwise-cpu") {
    await cpu();
    return {};
  }
  if (name === "wasm-transposed") transposeFirst();
  setWasmPaths(new URL(".", import.meta.resolve("@tensorflow/tfjs-backend-wasm")).pathname);
  await tf.setBackend("wasm");
  return { "@tensorflow/tfjs-backend-wasm": version_wasm };
}
