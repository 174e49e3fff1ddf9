import type { Stats } from "./modes.ts";

/** Counts of the run in this worker. */
export const stats: Stats = { graphs: 0, nodes: 0, largestGraph: 0, gradients: 0, borrowed: {} };
