import type { Executor } from "../api/executor.ts";
import { prepare } from "./plan.ts";

/**
 * The executor of every tfjs backend that has none of its own: runs a graph with the backend's
 * kernels, one after another.
 */
export const interpreter: Executor = (graph, { donate }) => prepare(graph, { donate });
