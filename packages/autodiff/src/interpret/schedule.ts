import { sizeOf } from "../ir/shape.ts";
import type { Instruction, Program, ScheduledInstruction, Slots } from "./program.ts";
import type { Ref } from "./ref.ts";

/** What a lowering has collected when it is done. */
export interface Draft {
  readonly instructions: readonly Instruction[];
  readonly initial: Slots;
  readonly slotBytes: readonly number[];
  readonly inputSlots: readonly number[];
  /** Slots of inputs that the program may free. */
  readonly owned: readonly number[];
  readonly outputs: readonly Ref[];
}

/** Bytes of an array in tfjs's own count. */
export const bytesOf = ({ shape, dtype }: Pick<Ref, "shape" | "dtype">): number =>
  sizeOf(shape) * (dtype === "bool" ? 1 : 4);

const live = (draft: Draft): Instruction[] => {
  const needed = new Set(draft.outputs.map((ref) => ref.slot));
  const kept: Instruction[] = [];
  for (const instruction of [...draft.instructions].reverse()) {
    if (!instruction.outputs.some((slot) => needed.has(slot))) continue;
    for (const slot of instruction.inputs) needed.add(slot);
    kept.push(instruction);
  }
  return kept.reverse();
};

const peak = (
  steps: readonly ScheduledInstruction[],
  owned: readonly number[],
  slotBytes: readonly number[],
): number => {
  const bytes = (slots: readonly number[]): number =>
    slots.reduce((sum, slot) => sum + (slotBytes[slot] ?? 0), 0);
  let held = bytes(owned);
  let most = held;
  for (const step of steps) {
    held += bytes(step.outputs);
    most = Math.max(most, held + step.scratchBytes);
    held -= bytes(step.free) + bytes(step.release);
  }
  return most;
};

/** Drops steps whose results nobody reads, and frees every buffer right after its last use. */
export const schedule = (draft: Draft): Program => {
  const kept = live(draft);
  const lastUse = new Map<number, number>();
  kept.forEach((instruction, i) => {
    for (const slot of [...instruction.inputs, ...instruction.outputs]) lastUse.set(slot, i);
  });
  const leaving = new Set(draft.outputs.map((ref) => ref.slot));
  const made = new Set(kept.flatMap((instruction) => instruction.outputs));
  const owned = new Set(draft.owned);
  const dead = (slots: ReadonlySet<number>, i: number): number[] =>
    [...slots].filter((slot) => lastUse.get(slot) === i && !leaving.has(slot));
  const byStep = kept.map((instruction, i): ScheduledInstruction => {
    const used = new Set([...instruction.inputs, ...instruction.outputs]);
    const last = dead(used, i);
    return {
      ...instruction,
      free: last.filter((slot) => made.has(slot)),
      release: last.filter((slot) => owned.has(slot)),
    };
  });
  const released = new Set(byStep.flatMap((step) => step.release));
  const seen = new Set<number>();
  const shared = draft.outputs.map(({ slot }) => {
    const again = seen.has(slot);
    seen.add(slot);
    return again || !made.has(slot);
  });
  return {
    instructions: byStep,
    initial: draft.initial.map((info, slot) =>
      lastUse.has(slot) || leaving.has(slot) ? info : undefined,
    ),
    inputSlots: draft.inputSlots,
    releaseLast: draft.owned.filter((slot) => !released.has(slot)),
    outputs: draft.outputs,
    shared,
    hasAsync: kept.some((instruction) => instruction.runAsync !== undefined),
    peakBytes: peak(byStep, draft.owned, draft.slotBytes),
    kernels: kept.reduce((sum, instruction) => sum + instruction.kernels, 0),
  };
};
