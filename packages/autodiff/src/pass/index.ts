export { lastUses, peakBytes } from "./liveness.ts";
export { optimize } from "./optimize.ts";
