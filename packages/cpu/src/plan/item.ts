import { type Buffer, bufferBytes, type Kernel } from "../kernel/kernel.ts";
import { CONSTANTS_SLOT, type Place } from "../kernel/write.ts";
import type { PlannedBuffer } from "./buffers.ts";

/** Words of the arguments besides {@link CONSTANTS_SLOT}; inputs follow, then outputs. */
export const DATA_SLOT: number = CONSTANTS_SLOT + 1;
export const ARENA_SLOT: number = CONSTANTS_SLOT + 2;
export const INPUT_SLOT: number = CONSTANTS_SLOT + 3;

/** One kernel. */
export interface KernelItem {
  readonly kind: "kernel";
  readonly kernel: Kernel;
}

/** A graph that runs once per slice; carries alternate between two buffers. */
export interface ScanItem {
  readonly kind: "scan";
  readonly body: Plan;
  readonly length: number;
  readonly reverse: boolean;
  readonly constants: readonly PlannedBuffer[];
  /** `initial` is read by the first step, `result` written by the last, `other` by every second. */
  readonly carries: readonly {
    readonly initial: PlannedBuffer;
    readonly result: PlannedBuffer;
    readonly other: PlannedBuffer;
  }[];
  readonly slices: readonly PlannedBuffer[];
  readonly stacked: readonly PlannedBuffer[];
  /** Memory for the arena of the body. */
  readonly arena: PlannedBuffer;
}

/** A graph that runs while another one says so, on one thread. */
export interface WhileItem {
  readonly kind: "while";
  readonly condition: Plan;
  readonly body: Plan;
  readonly conditionConstants: readonly PlannedBuffer[];
  readonly bodyConstants: readonly PlannedBuffer[];
  readonly carries: readonly {
    readonly initial: PlannedBuffer;
    readonly result: PlannedBuffer;
    readonly other: PlannedBuffer;
  }[];
  /** Where the condition writes its answer. */
  readonly answer: PlannedBuffer;
  readonly arena: PlannedBuffer;
}

/** A step of a plan; steps run one after another. */
export type Item = KernelItem | ScanItem | WhileItem;

/** A graph cut into kernels, with a place for every buffer. */
export interface Plan {
  readonly items: readonly Item[];
  readonly inputs: readonly PlannedBuffer[];
  readonly outputs: readonly PlannedBuffer[];
  readonly arenaBytes: number;
  /** Estimated nanoseconds on one thread. */
  readonly cost: number;
  /** For each output the input whose memory it may take over, if the input is not needed any more. */
  readonly reuse: readonly (number | undefined)[];
  placeOf(buffer: Buffer): Place;
}

/** Buffers an item reads and writes. */
export const readsOf = (item: Item): readonly Buffer[] => {
  switch (item.kind) {
    case "kernel":
      return item.kernel.reads;
    case "scan":
      return [...item.constants, ...item.carries.map((c) => c.initial), ...item.slices];
    case "while":
      return [
        ...item.conditionConstants,
        ...item.bodyConstants,
        ...item.carries.map((c) => c.initial),
      ];
  }
};
export const writesOf = (item: Item): readonly Buffer[] => {
  switch (item.kind) {
    case "kernel":
      return item.kernel.writes;
    case "scan":
      return [...item.carries.flatMap((c) => [c.result, c.other]), ...item.stacked, item.arena];
    case "while":
      return [...item.carries.flatMap((c) => [c.result, c.other]), item.answer, item.arena];
  }
};

/** Estimated nanoseconds of an item on one thread; a loop with unknown end counts as ten rounds. */
export const costOf = (item: Item): number => {
  switch (item.kind) {
    case "kernel":
      return item.kernel.cost;
    case "scan":
      return item.length * (item.body.cost + 100);
    case "while":
      return 10 * (item.body.cost + item.condition.cost);
  }
};

/** Bytes of one slice of a stacked buffer. */
export const sliceBytes = (stacked: Buffer, length: number): number =>
  length === 0 ? 0 : bufferBytes(stacked) / length;
