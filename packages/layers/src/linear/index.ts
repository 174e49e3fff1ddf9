export { type DenseOptions, type DenseParams, dense } from "./dense.ts";
