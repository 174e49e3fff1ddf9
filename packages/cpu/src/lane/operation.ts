import type { LaneCall, LaneOp, Lanes } from "./lane.ts";
import { OPERATIONS } from "./operations.ts";
import { LaneWriter } from "./writer.ts";

/** Emits an operation with or without instructions that multiply and add. */
export const emitOperation = <K extends LaneOp>(
  lanes: Lanes,
  call: LaneCall<K>,
  fma: boolean,
): void => {
  const writer = new LaneWriter(lanes, fma);
  OPERATIONS[call.op](writer, call);
  writer.release();
};
