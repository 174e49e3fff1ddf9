import { at, type DType, sizeOf } from "@layerwise/autodiff/executor";
import type { Buffer, Kernel } from "../kernel/kernel.ts";
import { chunksFor, operationCost, vectorCost } from "./cost.ts";
import { type FoldPlan, foldIdentity, writeFold } from "./fold-code.ts";
import { inPlacePairs } from "./in-place.ts";
import type { Access, Fold, FoldLoop } from "./loop.ts";
import { emptyKernel, mapKernel } from "./map.ts";
import { type Nest, nestOf } from "./nest.ts";
import { cut, elementsOf, readsOf, vectorAxis, writesOf } from "./plan.ts";
import type { CodeLoop } from "./walk.ts";

interface Planned extends FoldPlan {
  readonly cost: number;
}

/** Vectors accumulated side by side: enough to hide the latency of additions, few enough for the registers. */
const slotsFor = (nest: Nest, size: number): number => {
  const folds = nest.loop.folds.length;
  const work = operationCost(nest) / Math.max(1, folds);
  const most = work > 1 ? 1 : work > 0.4 ? 2 : 4;
  return Math.max(1, Math.min(most, Math.floor(8 / Math.max(1, folds)), Math.floor(size / 4)));
};

const planFold = (nest: Nest): Planned => {
  const { axes, loop } = nest;
  const kept = axes.filter(({ folded }) => !folded);
  const total = elementsOf(axes);
  // Adding up the lanes of a result costs some nanoseconds.
  const collapse = (4 * loop.folds.length * elementsOf(kept)) / total;
  const last = vectorAxis(nest, axes, ({ folded }) => (folded ? collapse : 0));
  const others = axes.filter((axis) => axis !== last);
  const group = (folded: boolean) => [
    ...others.filter((axis) => axis.folded === folded),
    ...(last?.folded === folded ? [last] : []),
  ];
  const order = [...group(false), ...group(true)];
  return {
    loops: order.map(({ size, strides }): CodeLoop => ({ size, strides })),
    outer: kept.length,
    vector: last === undefined ? -1 : order.indexOf(last),
    slots: slotsFor(nest, last?.size ?? 1),
    cost: total * (vectorCost(nest, last) + (last?.folded ? collapse : 0)),
  };
};

const kernelOf = (nest: Nest, name: string, plan: Planned): Kernel => {
  const { cost, vector, slots, outer } = plan;
  const { loops, chunks } = cut(plan.loops, vector, 4 * slots, chunksFor(cost), outer);
  return {
    name,
    reads: readsOf(nest),
    writes: writesOf(nest),
    chunks,
    cost,
    inPlace: inPlacePairs(nest),
    emit: (context) => writeFold(context, nest, { loops, outer, vector, slots }),
  };
};

/** The longest run of additions into one accumulator that keeps sums of floats precise. */
const LONGEST = 4096;
/** Elements that a block should have. */
const BLOCK = 16384;
const MOST_BLOCKS = 1024;

interface Split {
  /** Depth of the loop that is cut. */
  readonly loop: number;
  readonly size: number;
  readonly count: number;
}

const valueType = ({ steps }: FoldLoop, { value }: Fold): DType => at(steps, value.step).dtype;

/** Whether and where to cut the folded elements into blocks: for precision, or for more threads. */
const splitOf = (loop: FoldLoop, plan: Planned): Split | undefined => {
  const { loops, outer, vector, slots } = plan;
  const product = (list: readonly CodeLoop[]): number => list.reduce((n, { size }) => n * size, 1);
  const results = product(loops.slice(0, outer));
  const folded = product(loops.slice(outer));
  const lanes = vector >= outer ? 4 * slots : 1;
  const rounds = loop.folds.some((fold) => {
    const dtype = valueType(loop, fold);
    const sums = fold.monoid === "add" || fold.monoid === "multiply";
    return sums && (dtype === "f32" || dtype === "f16");
  });
  const wanted = chunksFor(plan.cost);
  const most = loops.slice(0, outer).map(({ size }, i) => size / (i === vector ? 4 * slots : 1));
  const starved = wanted > 1 && Math.max(1, ...most) < wanted / 2 && folded >= 256;
  if (!(rounds && folded / lanes > LONGEST) && !starved) return undefined;
  let longest = outer;
  for (let i = outer; i < loops.length; i++) {
    if (at(loops, i).size > at(loops, longest).size) longest = i;
  }
  const { size } = at(loops, longest);
  const elements = Math.max(
    Math.min(BLOCK / results, lanes * (LONGEST / 2)),
    64,
    folded / MOST_BLOCKS,
  );
  const unit = longest === vector ? 4 * slots : 1;
  const block = Math.max(1, Math.ceil(elements / (folded / size) / unit)) * unit;
  const count = Math.ceil(size / block);
  return count < 2 ? undefined : { loop: longest, size: block, count };
};

/** The same loop with the results of its folds in `buffers`, row-major. */
const partial = (loop: FoldLoop, buffers: readonly Buffer[]): FoldLoop => {
  const strides = rowMajor(loop);
  const folds = loop.folds.map((fold, i): Fold => {
    const access: Access = { buffer: at(buffers, i), offset: 0, strides };
    return { ...fold, access };
  });
  return { ...loop, folds };
};

const rowMajor = ({ sizes, kept }: FoldLoop): number[] =>
  sizes.map((_, i) => (i < kept ? sizeOf(sizes.slice(i + 1, kept)) : 0));

/** The kernels of a split fold: one for the blocks, one that folds their results. */
const splitKernels = (
  loop: FoldLoop,
  name: string,
  { loop: depth, size, count }: Split,
  buffers: readonly Buffer[],
): readonly Kernel[] => {
  const results = sizeOf(loop.sizes.slice(0, loop.kept));
  const nest = nestOf(partial(loop, buffers));
  const plan = planFold(nest);
  const blockStrides = nest.tracks.map((_, t) => (nest.foldTracks.includes(t) ? results : 0));
  const blocks: CodeLoop = { size: count, strides: blockStrides };
  const cutLoop = (l: CodeLoop, i: number): CodeLoop =>
    i === depth ? { ...l, blocks: { of: 0, size } } : l;
  const first = kernelOf(nest, `${name} blocks`, {
    ...plan,
    loops: [blocks, ...plan.loops.map(cutLoop)],
    outer: plan.outer + 1,
    vector: plan.vector < 0 ? -1 : plan.vector + 1,
  });
  const kept = loop.sizes.slice(0, loop.kept);
  const strides = [...rowMajor(loop).slice(0, loop.kept), results];
  const rest = nestOf({
    sizes: [...kept, count],
    kept: loop.kept,
    steps: buffers.map((buffer) => ({
      kind: "load",
      dtype: buffer.dtype,
      access: { buffer, offset: 0, strides },
    })),
    stores: [],
    folds: loop.folds.map(({ monoid, access }, i) => ({
      value: { step: i, output: 0 },
      monoid,
      access: { ...access, strides: [...access.strides.slice(0, loop.kept), 0] },
    })),
  });
  return [first, kernelOf(rest, name, planFold(rest))];
};

/**
 * The kernels of a loop with folds: one, or two when long folds are cut into blocks whose size
 * depends on the loop alone.
 */
export const foldKernels = (
  loop: FoldLoop,
  name: string,
  temporary: (dtype: DType, size: number) => Buffer,
): readonly Kernel[] => {
  const kept = loop.sizes.slice(0, loop.kept);
  const results = sizeOf(kept);
  if (results === 0) return [emptyKernel(loop, name)];
  if (sizeOf(loop.sizes) === 0) {
    const fill = mapKernel(
      {
        sizes: kept,
        steps: loop.folds.map((fold) => {
          const dtype = valueType(loop, fold);
          return { kind: "constant", dtype, value: foldIdentity(fold.monoid, dtype) };
        }),
        stores: loop.folds.map(({ access }, i) => ({
          value: { step: i, output: 0 },
          access: { ...access, strides: access.strides.slice(0, loop.kept) },
        })),
      },
      name,
    );
    return [fill];
  }
  const sketch = loop.folds.map((fold): Buffer => ({ dtype: valueType(loop, fold), size: 0 }));
  const split = splitOf(loop, planFold(nestOf(partial(loop, sketch))));
  if (split !== undefined) {
    const buffers = sketch.map(({ dtype }) => temporary(dtype, split.count * results));
    return splitKernels(loop, name, split, buffers);
  }
  const nest = nestOf(loop);
  return [kernelOf(nest, name, planFold(nest))];
};
