/** Which part of a run an event belongs to. */
export type Phase =
  | { readonly kind: "pretrain"; readonly layer: number; readonly layers: number }
  | { readonly kind: "fine-tune"; readonly stage: number; readonly stages: number };

/** Some steps were done; sent a few times a second. */
export interface StepEvent {
  readonly type: "step";
  readonly phase: Phase;
  /** Epoch, from 0. */
  readonly epoch: number;
  /** Steps done and to do in this phase. */
  readonly step: number;
  readonly steps: number;
}

/** An epoch ended. */
export interface EpochEvent {
  readonly type: "epoch";
  readonly phase: Phase;
  /** Epoch, from 0. */
  readonly epoch: number;
  readonly epochs: number;
  /** Steps done and to do in this phase. */
  readonly step: number;
  readonly steps: number;
  /** Mean training loss over the steps of the epoch. */
  readonly loss: number;
  /** Seconds since the phase began. */
  readonly seconds: number;
  /** What `evaluate` returned after this epoch. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** What a run tells while it goes on. */
export type FitEvent = StepEvent | EpochEvent;

/** Names a phase in messages: `pre-training of layer 2/5`. */
export const describePhase = (phase: Phase): string =>
  phase.kind === "pretrain"
    ? `pre-training of layer ${phase.layer + 1}/${phase.layers}`
    : `fine-tuning stage ${phase.stage + 1}/${phase.stages}`;

/** Training went astray: the loss is not a finite number any more. */
export class DivergenceError extends Error {
  readonly phase: Phase;
  readonly epoch: number;

  constructor(phase: Phase, epoch: number, loss: number) {
    super(
      `${describePhase(phase)}, epoch ${epoch + 1}: the loss is ${loss}; ` +
        "a smaller learning rate or clipByGlobalNorm usually helps",
    );
    this.name = "DivergenceError";
    this.phase = phase;
    this.epoch = epoch;
  }
}
