import { sizeOf } from "@layerwise/autodiff/executor";
import type { Kernel } from "../kernel/kernel.ts";
import { chunksFor, operationCost, vectorCost } from "./cost.ts";
import { type InPlace, inPlacePairs } from "./in-place.ts";
import { ConstantLanes } from "./lanes.ts";
import type { FoldLoop, MapLoop } from "./loop.ts";
import { type Nest, nestOf } from "./nest.ts";
import { cut, elementsOf, readsOf, vectorAxis, writesOf } from "./plan.ts";
import { type Place, StepWriter } from "./steps.ts";
import { writeStores } from "./stores.ts";
import { transposeKernel } from "./transpose.ts";
import { type CodeLoop, Walk } from "./walk.ts";

/** A kernel that has nothing to do, since an axis is empty. */
export const emptyKernel = ({ steps, stores, folds }: FoldLoop, name: string): Kernel => ({
  name,
  reads: steps.flatMap((step) => (step.kind === "load" ? [step.access.buffer] : [])),
  writes: [...stores, ...folds].map(({ access }) => access.buffer),
  chunks: 1,
  cost: 0,
  emit: () => {},
});

/** Vectors per iteration: two where the loop itself costs as much as what it computes (copies: 0.05 instead of 0.08 ns). */
const slotsFor = (nest: Nest, size: number): number =>
  size >= 32 && operationCost(nest) < 0.1 ? 2 : 1;

/** The kernel of an element-wise loop. */
export const mapKernel = (loop: MapLoop, name: string, inPlace: InPlace = []): Kernel => {
  const whole: FoldLoop = { ...loop, kept: loop.sizes.length, folds: [] };
  if (sizeOf(loop.sizes) === 0) return emptyKernel(whole, name);
  const nest = nestOf(whole);
  const transpose = transposeKernel(nest, name);
  if (transpose !== undefined) return transpose;
  const last = vectorAxis(nest, nest.axes);
  const axes = last === undefined ? [] : [...nest.axes.filter((axis) => axis !== last), last];
  const plain = axes.map(({ size, strides }): CodeLoop => ({ size, strides }));
  const vector = plain.length - 1;
  const slots = slotsFor(nest, last?.size ?? 1);
  const cost = elementsOf(axes) * vectorCost(nest, last);
  const { loops, chunks } = cut(plain, vector, 4 * slots, chunksFor(cost));
  return {
    name,
    reads: readsOf(nest),
    writes: writesOf(nest),
    chunks,
    cost,
    inPlace: inPlacePairs(nest, inPlace),
    emit: (context) => {
      const { code } = context;
      const lanes = new ConstantLanes(context);
      const strides = loops.map((l) => l.strides);
      const steps = new StepWriter(lanes, nest, strides, vector);
      const values = loop.stores.map(({ value }) => value);
      const inner = (place: Place): void => {
        const locals = steps.computeFor(values, loops.length, place);
        writeStores(context, nest, steps, strides[vector] ?? [], place);
        code.release(...locals);
      };
      const body = code.aside(() =>
        new Walk(context, nest, { loops, vector, slots }, steps, { inner }).run(),
      );
      lanes.load();
      code.splice(body);
    },
  };
};
