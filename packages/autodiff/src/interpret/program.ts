import { type KernelBackend, Tensor, type TensorInfo } from "@tensorflow/tfjs-core";
import type { Ref } from "./ref.ts";

/** The buffers of one run, by slot. */
export type Slots = (TensorInfo | undefined)[];

/** One step of a program. */
export interface Instruction {
  /** Names the step in error messages. */
  readonly label: string;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly run: (slots: Slots) => void;
  /** Set where the step must wait for a value from the device. */
  readonly runAsync?: (slots: Slots) => Promise<void>;
  /** Most bytes the step holds while it runs, beyond its inputs and outputs. */
  readonly scratchBytes: number;
  /** Kernels that the step launches. */
  readonly kernels: number;
}

/** A step with the slots that nobody reads after it. */
export interface ScheduledInstruction extends Instruction {
  readonly free: readonly number[];
  /** The same for inputs handed over by the caller, which may be tensors that tfjs tracks. */
  readonly release: readonly number[];
}

/** A graph lowered to a list of kernels with all shapes and attributes computed. */
export interface Program {
  readonly instructions: readonly ScheduledInstruction[];
  /** Contents of the slots before a run: constants. */
  readonly initial: Slots;
  readonly inputSlots: readonly number[];
  /** Owned inputs that can only be released at the end. */
  readonly releaseLast: readonly number[];
  readonly outputs: readonly Ref[];
  /** Outputs whose buffer also belongs to somebody else: a borrowed input or an earlier output. */
  readonly shared: readonly boolean[];
  readonly hasAsync: boolean;
  readonly peakBytes: number;
  readonly kernels: number;
}

const release = (backend: KernelBackend, info: TensorInfo): void => {
  // A tensor must go through tfjs's engine, which counts it.
  if (info instanceof Tensor) info.dispose();
  else backend.disposeData(info.dataId);
};

const load = (program: Program, inputs: readonly TensorInfo[]): Slots => {
  const slots = program.initial.slice();
  const { inputSlots } = program;
  for (let i = 0; i < inputSlots.length; i++) slots[inputSlots[i]!] = inputs[i];
  return slots;
};

const free = (backend: KernelBackend, step: ScheduledInstruction, slots: Slots): void => {
  for (const slot of step.free) {
    backend.disposeData(slots[slot]!.dataId);
    slots[slot] = undefined;
  }
  for (const slot of step.release) {
    release(backend, slots[slot]!);
    slots[slot] = undefined;
  }
};

const results = (backend: KernelBackend, program: Program, slots: Slots): TensorInfo[] => {
  const { outputs, shared } = program;
  const infos = new Array<TensorInfo>(outputs.length);
  for (let i = 0; i < outputs.length; i++) {
    const { slot, shape, dtype } = outputs[i]!;
    const { dataId } = slots[slot]!;
    if (shared[i]) backend.incRef(dataId);
    infos[i] = { dataId, shape: shape as number[], dtype };
  }
  for (const slot of program.releaseLast) release(backend, slots[slot]!);
  return infos;
};

const fail = (
  backend: KernelBackend,
  program: Program,
  step: number,
  slots: Slots,
  cause: unknown,
): Error => {
  // What earlier steps made and nobody freed would leak; the failed step's own results may be absent.
  for (let i = 0; i <= step; i++) {
    for (const slot of program.instructions[i]!.outputs) {
      const info = slots[slot];
      if (info !== undefined) backend.disposeData(info.dataId);
      slots[slot] = undefined;
    }
  }
  // So would inputs that a loop handed over; a caller's tensor stays with the caller.
  const pending = program.instructions.slice(step).flatMap((instruction) => instruction.release);
  for (const slot of [...pending, ...program.releaseLast]) {
    const info = slots[slot];
    if (info !== undefined && !(info instanceof Tensor)) backend.disposeData(info.dataId);
    slots[slot] = undefined;
  }
  const { label } = program.instructions[step]!;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new Error(`${label}: ${message}`, { cause });
};

/**
 * Runs a program. The results belong to the caller, one reference each; inputs are borrowed except
 * those that the program was told it owns.
 */
export const execute = (
  backend: KernelBackend,
  program: Program,
  inputs: readonly TensorInfo[],
): TensorInfo[] => {
  const slots = load(program, inputs);
  const { instructions } = program;
  let step = 0;
  try {
    for (; step < instructions.length; step++) {
      const instruction = instructions[step]!;
      instruction.run(slots);
      free(backend, instruction, slots);
    }
  } catch (cause) {
    throw fail(backend, program, step, slots, cause);
  }
  return results(backend, program, slots);
};

/** {@link execute} for programs that read values from the device on the way. */
export const executeAsync = async (
  backend: KernelBackend,
  program: Program,
  inputs: readonly TensorInfo[],
): Promise<TensorInfo[]> => {
  if (!program.hasAsync) return execute(backend, program, inputs);
  const slots = load(program, inputs);
  const { instructions } = program;
  let step = 0;
  try {
    for (; step < instructions.length; step++) {
      const instruction = instructions[step]!;
      if (instruction.runAsync === undefined) instruction.run(slots);
      else await instruction.runAsync(slots);
      free(backend, instruction, slots);
    }
  } catch (cause) {
    throw fail(backend, program, step, slots, cause);
  }
  return results(backend, program, slots);
};
