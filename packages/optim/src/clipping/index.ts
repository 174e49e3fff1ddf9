export { clipByGlobalNorm, globalNorm } from "./clip-by-global-norm.ts";
