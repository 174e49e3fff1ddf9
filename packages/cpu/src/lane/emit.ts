import { features } from "../wasm/features.ts";
import type { LaneCall, Lanes } from "./lane.ts";
import { emitOperation } from "./operation.ts";

export { laneCost } from "./cost.ts";

/**
 * Emits code that leaves the result of an operation on the stack, a v128 (threefry2x32: two, x1 on
 * top).
 */
export const emitLane = (lanes: Lanes, call: LaneCall): void =>
  emitOperation(lanes, call, features().fma);
