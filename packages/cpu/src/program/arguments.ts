import type { Buffer } from "../kernel/kernel.ts";
import { CONSTANTS_SLOT } from "../kernel/write.ts";
import { alignTo64 } from "../plan/buffers.ts";
import { ARENA_SLOT, DATA_SLOT, INPUT_SLOT, type Plan } from "../plan/item.ts";
import type { Code } from "../wasm/code.ts";
import type { Local } from "../wasm/locals.ts";

/** Words of the arguments that a plan's code reads. */
export const argumentWords = ({ inputs, outputs }: Plan): number =>
  INPUT_SLOT + inputs.length + outputs.length;

/** Bytes of the arguments, padded so that what follows is aligned. */
export const argumentBytes = (plan: Plan): number => alignTo64(4 * argumentWords(plan));

/** The arguments of the code that is being written, and the plan whose buffers they address. */
export interface Frame {
  readonly code: Code;
  readonly plan: Plan;
  readonly args: Local;
  readonly scratch: Local;
}

/** Pushes the address of a buffer. */
export const pushAddress = ({ code, plan, args }: Frame, buffer: Buffer): void => {
  const { slot, offset } = plan.placeOf(buffer);
  code.get(args).memory("i32.load", 4 * slot);
  if (offset !== 0) code.i32(offset).op("i32.add");
};

/** Stores what `push` pushes as a word of the arguments at `block`. */
export const storeWord = (code: Code, block: Local, slot: number, push: () => void): void => {
  code.get(block);
  push();
  code.memory("i32.store", 4 * slot);
};

/** Fills the words of an inner plan that stay the same: constants and the arena. */
export const storeCommonWords = (frame: Frame, block: Local, arena: Buffer): void => {
  const { code, args } = frame;
  for (const slot of [CONSTANTS_SLOT, DATA_SLOT]) {
    storeWord(code, block, slot, () => code.get(args).memory("i32.load", 4 * slot));
  }
  storeWord(code, block, ARENA_SLOT, () => pushAddress(frame, arena));
};
