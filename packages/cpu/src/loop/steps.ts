import { at } from "@layerwise/autodiff/executor";
import { emitLane } from "../lane/emit.ts";
import type { Code } from "../wasm/code.ts";
import type { Local } from "../wasm/locals.ts";
import { loadRun } from "./access.ts";
import type { ConstantLanes } from "./lanes.ts";
import type { LaneStep, Operand, Step } from "./loop.ts";
import type { Nest } from "./nest.ts";

/** Where code runs: pointers of the tracks, and what part of the vector axis it computes. */
export interface Place {
  /** Address or index at lane 0 of slot 0, per track. */
  readonly pointers: readonly Local[];
  /** Number of vectors side by side. */
  readonly slots: number;
  /** Lanes that count. */
  readonly width: number;
}

/**
 * Computes the steps of a loop, each as far out as what it depends on allows. A step that varies
 * along the vector axis has one value per slot, any other one for all.
 */
export class StepWriter {
  readonly #code: Code;
  readonly #lanes: ConstantLanes;
  readonly #nest: Nest;
  readonly #vectorStrides: readonly number[];
  readonly #levels: number[];
  readonly #varying: boolean[];
  /** Values by step, output, slot. */
  readonly #values: (readonly (readonly Local[])[])[] = [];

  /** `order` are the axes from outside to inside; the one at `vector` fills the lanes. */
  constructor(
    lanes: ConstantLanes,
    nest: Nest,
    order: readonly (readonly number[])[],
    vector: number,
  ) {
    this.#code = lanes.code;
    this.#lanes = lanes;
    this.#nest = nest;
    this.#vectorStrides = order[vector] ?? [];
    this.#levels = [];
    this.#varying = [];
    nest.loop.steps.forEach((step, i) => {
      const track = at(nest.stepTracks, i);
      const inputs = step.kind === "op" ? step.inputs.map((input) => input.step) : [];
      const own = order.findLastIndex((strides) => track >= 0 && at(strides, track) !== 0);
      this.#levels.push(Math.max(own + 1, ...inputs.map((j) => at(this.#levels, j))));
      this.#varying.push(
        (track >= 0 && (this.#vectorStrides[track] ?? 0) !== 0) ||
          inputs.some((j) => at(this.#varying, j)),
      );
    });
  }

  /** A value in a slot; computed before. */
  value({ step, output }: Operand, slot: number): Local {
    const slots = at(at(this.#values, step), output);
    return at(slots, at(this.#varying, step) ? slot : 0);
  }

  /** Computes all steps that depend on the outer `level` loops and no others; returns their locals. */
  computeLevel(level: number, place: Place): Local[] {
    const locals: Local[] = [];
    this.#nest.loop.steps.forEach((_, i) => {
      if (at(this.#nest.live, i) && this.#levels[i] === level) this.#compute(i, place, locals);
    });
    return locals;
  }

  /** Computes what `operands` need of the innermost level, each value just before its first use. */
  computeFor(operands: readonly Operand[], level: number, place: Place): Local[] {
    const locals: Local[] = [];
    const done = new Set<number>();
    const need = (i: number): void => {
      if (done.has(i) || this.#levels[i] !== level) return;
      done.add(i);
      const step = at(this.#nest.loop.steps, i);
      if (step.kind === "op") for (const input of step.inputs) need(input.step);
      this.#compute(i, place, locals);
    };
    for (const { step } of operands) need(step);
    return locals;
  }

  #compute(i: number, place: Place, locals: Local[]): void {
    const step = at(this.#nest.loop.steps, i);
    if (step.kind === "constant") {
      this.#values[i] = [[this.#constant(step)]];
      return;
    }
    const outputs = step.kind === "op" && step.op === "threefry2x32" ? 2 : 1;
    const values: Local[][] = Array.from({ length: outputs }, () => []);
    const slots = at(this.#varying, i) ? place.slots : 1;
    for (let slot = 0; slot < slots; slot++) {
      this.#push(step, at(this.#nest.stepTracks, i), slot, place);
      for (let output = outputs - 1; output >= 0; output--) {
        const local = this.#code.local("v128");
        this.#code.set(local);
        locals.push(local);
        at(values, output).push(local);
      }
    }
    this.#values[i] = values;
  }

  #constant({ dtype, value }: Step & { readonly kind: "constant" }): Local {
    if (dtype === "bool") return this.#lanes.i32(value === 0 ? 0 : -1);
    return dtype === "i32" || dtype === "u32" ? this.#lanes.i32(value) : this.#lanes.f32(value);
  }

  #push(
    step: Exclude<Step, { readonly kind: "constant" }>,
    track: number,
    slot: number,
    { pointers, width }: Place,
  ): void {
    if (step.kind === "op") {
      this.#operation(step, slot);
      return;
    }
    const pointer = at(pointers, track);
    const stride = this.#vectorStrides[track] ?? 0;
    const { dtype } = step;
    if (step.kind === "load") {
      const bytes = dtype === "bool" ? 1 : 4;
      loadRun(this.#code, { dtype, pointer, shift: 4 * slot * stride * bytes, stride, width });
      return;
    }
    this.#code.get(pointer).op("i32x4.splat");
    if (stride !== 0) {
      const first = 4 * slot * stride;
      const words = [first, first + stride, first + 2 * stride, first + 3 * stride] as const;
      this.#code.get(this.#lanes.vector([...words])).op("i32x4.add");
    }
    if (dtype === "bool") this.#code.get(this.#lanes.i32(0)).op("i32x4.ne");
    else if (dtype === "f32" || dtype === "f16") this.#code.op("f32x4.convert_i32x4_s");
  }

  #operation(step: LaneStep, slot: number): void {
    const { op, attrs, dtype, inputs } = step;
    emitLane(this.#lanes, {
      op,
      attrs,
      operands: inputs.map((input) => this.value(input, slot)),
      operandTypes: inputs.map((input) => at(this.#nest.loop.steps, input.step).dtype),
      resultType: dtype,
    });
  }
}
