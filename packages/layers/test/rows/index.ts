export { layerRows } from "./layers.ts";
export { spatialRows } from "./spatial.ts";
