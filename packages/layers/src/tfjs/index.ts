export { asTfLayer } from "./as-tf-layer.ts";
export { registerTfLayer, type TfLayerFactory } from "./register.ts";
export type { TfLayerOptions } from "./tf-layer.ts";
