import { at, type DType, type Monoid } from "@layerwise/autodiff/executor";
import type { KernelContext } from "../kernel/kernel.ts";
import { emitLane } from "../lane/emit.ts";
import type { Local } from "../wasm/locals.ts";
import { storeRun } from "./access.ts";
import { ConstantLanes } from "./lanes.ts";
import type { Nest } from "./nest.ts";
import { type Place, StepWriter } from "./steps.ts";
import { writeStores } from "./stores.ts";
import { type CodeLoop, Walk } from "./walk.ts";

/** How a fold runs: the first `outer` loops are those of its results. */
export interface FoldPlan {
  readonly loops: readonly CodeLoop[];
  readonly outer: number;
  /** Depth of the loop that runs over vectors, -1 for none. */
  readonly vector: number;
  readonly slots: number;
}

/** What folding nothing results in, as a number. */
export const foldIdentity = (monoid: Monoid, dtype: DType): number => {
  switch (monoid) {
    case "add":
    case "or":
      return 0;
    case "multiply":
      return 1;
    case "and":
      return dtype === "bool" ? 1 : -1;
    case "maximum":
      if (dtype === "i32") return -(2 ** 31);
      return dtype === "f32" || dtype === "f16" ? Number.NEGATIVE_INFINITY : 0;
    case "minimum":
      if (dtype === "i32") return 2 ** 31 - 1;
      if (dtype === "u32") return 2 ** 32 - 1;
      return dtype === "bool" ? 1 : Number.POSITIVE_INFINITY;
  }
};

const identityLanes = (lanes: ConstantLanes, monoid: Monoid, dtype: DType): Local => {
  const value = foldIdentity(monoid, dtype);
  if (dtype === "bool") return lanes.i32(-value);
  return dtype === "i32" || dtype === "u32" ? lanes.i32(value) : lanes.f32(value);
};

/** Pushes the combination of two vectors. */
const combine = (lanes: ConstantLanes, monoid: Monoid, dtype: DType, a: Local, b: Local): void => {
  emitLane(lanes, {
    op: monoid,
    attrs: {},
    operands: [a, b],
    operandTypes: [dtype, dtype],
    resultType: dtype,
  });
};

/** Emits the code of a fold. */
export const writeFold = (context: KernelContext, nest: Nest, plan: FoldPlan): void => {
  const { code } = context;
  const { loops, outer, vector } = plan;
  const lanes = new ConstantLanes(context);
  const strides = loops.map((loop) => loop.strides);
  const steps = new StepWriter(lanes, nest, strides, vector);
  const vectorStrides = strides[vector] ?? [];
  const across = vector >= outer;
  const folds = nest.loop.folds.map((fold, i) => ({
    ...fold,
    dtype: at(nest.loop.steps, fold.value.step).dtype,
    track: at(nest.foldTracks, i),
  }));
  const values = [...nest.loop.stores, ...folds].map(({ value }) => value);
  /** Accumulators by fold and slot. */
  let sums: Local[][] = [];

  const before = (level: number, place: Place): void => {
    if (level !== outer) return;
    const slots = across ? plan.slots : place.slots;
    sums = folds.map(({ monoid, dtype }) =>
      Array.from({ length: slots }, () => {
        const sum = code.local("v128");
        code.get(identityLanes(lanes, monoid, dtype)).set(sum);
        return sum;
      }),
    );
  };

  const inner = (place: Place): void => {
    const locals = steps.computeFor(values, loops.length, place);
    writeStores(context, nest, steps, vectorStrides, place);
    folds.forEach(({ value, monoid, dtype }, f) => {
      for (let slot = 0; slot < place.slots; slot++) {
        const sum = at(at(sums, f), slot);
        let element = steps.value(value, slot);
        if (across && place.width < 4) {
          // Lanes that do not count take the identity.
          const filled = code.local("v128");
          const lane = (i: number): number => (i < place.width ? i : 4 + i);
          code.get(element).get(identityLanes(lanes, monoid, dtype));
          code.shuffle32(0, lane(1), lane(2), 7).set(filled);
          locals.push(filled);
          element = filled;
        }
        combine(lanes, monoid, dtype, sum, element);
        code.set(sum);
      }
    });
    code.release(...locals);
  };

  /** Combines all slots and lanes into lane 0 of slot 0. */
  const collapse = (f: number, monoid: Monoid, dtype: DType): Local => {
    const [sum, ...others] = at(sums, f) as [Local, ...Local[]];
    const slots = [sum, ...others];
    for (let half = slots.length; half > 1; ) {
      const next = Math.ceil(half / 2);
      for (let i = next; i < half; i++) {
        combine(lanes, monoid, dtype, at(slots, i - next), at(slots, i));
        code.set(at(slots, i - next));
      }
      half = next;
    }
    const turned = code.local("v128");
    for (const distance of [2, 1]) {
      code.get(sum).get(sum);
      code.shuffle32(distance, distance ^ 1, distance ^ 2, distance ^ 3).set(turned);
      combine(lanes, monoid, dtype, sum, turned);
      code.set(sum);
    }
    code.release(turned);
    return sum;
  };

  const after = (level: number, { pointers, slots, width }: Place): void => {
    if (level !== outer) return;
    folds.forEach(({ monoid, dtype, track, access }, f) => {
      const at0 = { dtype: access.buffer.dtype, pointer: at(pointers, track) };
      if (across) {
        storeRun(code, { ...at0, shift: 0, stride: 0, width: 1 }, collapse(f, monoid, dtype));
        return;
      }
      const stride = vectorStrides[track] ?? 0;
      const bytes = access.buffer.dtype === "bool" ? 1 : 4;
      for (let slot = 0; slot < slots; slot++) {
        const shift = 4 * slot * stride * bytes;
        storeRun(code, { ...at0, shift, stride, width }, at(at(sums, f), slot));
      }
    });
    code.release(...sums.flat());
  };

  const body = code.aside(() =>
    new Walk(context, nest, plan, steps, { before, inner, after }).run(),
  );
  lanes.load();
  code.splice(body);
};
