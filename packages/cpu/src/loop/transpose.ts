import { at } from "@layerwise/autodiff/executor";
import { elementBytes, type Kernel, type KernelContext } from "../kernel/kernel.ts";
import type { Local } from "../wasm/locals.ts";
import { loadRun, storeRun } from "./access.ts";
import { chunksFor } from "./cost.ts";
import { ConstantLanes } from "./lanes.ts";
import type { Axis, Nest } from "./nest.ts";
import { cut, elementsOf, readsOf, writesOf } from "./plan.ts";
import { StepWriter } from "./steps.ts";
import { type CodeLoop, Walk } from "./walk.ts";

/** A copy whose elements follow one another along one axis when read, along another when written. */
interface Transposition {
  readonly load: number;
  readonly store: number;
  readonly readAxis: Axis;
  readonly writeAxis: Axis;
}

const transposition = (nest: Nest): Transposition | undefined => {
  const { loop, axes, stepTracks, storeTracks, tracks } = nest;
  const [store] = loop.stores;
  if (store === undefined || loop.stores.length !== 1 || loop.folds.length > 0) return undefined;
  if (at(loop.steps, store.value.step).kind !== "load") return undefined;
  const load = at(stepTracks, store.value.step);
  const place = at(storeTracks, 0);
  const words = [load, place].every((track) => {
    const { buffer } = at(tracks, track);
    return buffer !== undefined && elementBytes(buffer.dtype) === 4;
  });
  const readAxis = axes.find(({ strides }) => strides[load] === 1);
  const writeAxis = axes.find(({ strides }) => strides[place] === 1);
  if (!words || readAxis === undefined || writeAxis === undefined) return undefined;
  if (readAxis === writeAxis || readAxis.size < 4 || writeAxis.size < 4) return undefined;
  return { load, store: place, readAxis, writeAxis };
};

/** Emits the transposition of 4×4 blocks: `blocks` of them along the read axis, each `shift` further. */
const writeBlocks = (
  { code }: KernelContext,
  source: Local,
  target: Local,
  blocks: number,
  { load, store, readAxis, writeAxis }: Transposition,
): void => {
  const rows = Array.from({ length: 4 }, () => code.local("v128"));
  const halves = Array.from({ length: 4 }, () => code.local("v128"));
  const run = { dtype: "f32", stride: 1, width: 4 } as const;
  const pair = (a: number, b: number, from: readonly Local[], high: boolean): void => {
    code.get(at(from, a)).get(at(from, b));
    if (from === rows) code.shuffle32(...((high ? [2, 6, 3, 7] : [0, 4, 1, 5]) as Four));
    else code.shuffle32(...((high ? [2, 3, 6, 7] : [0, 1, 4, 5]) as Four));
  };
  for (let block = 0; block < blocks; block++) {
    rows.forEach((row, i) => {
      const shift = 4 * (i * at(writeAxis.strides, load) + 4 * block);
      loadRun(code, { ...run, pointer: source, shift });
      code.set(row);
    });
    [0, 1, 2, 3].forEach((i) => {
      const first = i < 2 ? 0 : 2;
      pair(first, first + 1, rows, i % 2 === 1);
      code.set(at(halves, i));
    });
    rows.forEach((row, i) => {
      const first = i < 2 ? 0 : 1;
      pair(first, first + 2, halves, i % 2 === 1);
      code.set(row);
    });
    rows.forEach((row, i) => {
      const shift = 4 * (4 * block + i) * at(readAxis.strides, store);
      storeRun(code, { ...run, pointer: target, shift }, row);
    });
  }
  code.release(...rows, ...halves);
};

type Four = [number, number, number, number];

/**
 * The kernel of a transposed copy in 4×4 blocks, up to four side by side to use whole cache lines; undefined if
 * the loop is something else. What does not fill a block is copied by one that overlaps the last.
 */
export const transposeKernel = (nest: Nest, name: string): Kernel | undefined => {
  const found = transposition(nest);
  if (found === undefined) return undefined;
  const { load, store, readAxis, writeAxis } = found;
  // Rows that lie a multiple of 4 KiB apart share the places of one set of the cache.
  const crowded = (4 * at(readAxis.strides, store)) % 4096 === 0;
  const width = readAxis.size >= 16 && !crowded ? 16 : readAxis.size >= 8 ? 8 : 4;
  const tiles: CodeLoop = {
    size: Math.ceil(readAxis.size / width),
    strides: readAxis.strides.map((stride) => stride * width),
  };
  const outer = nest.axes.filter((axis) => axis !== readAxis && axis !== writeAxis);
  const plain = [...outer.map(({ size, strides }): CodeLoop => ({ size, strides })), tiles];
  const cost = 0.2 * elementsOf(nest.axes);
  const { loops, chunks } = cut(plain, -1, 1, chunksFor(cost));
  const surplus = tiles.size * width - readAxis.size;
  return {
    name,
    reads: readsOf(nest),
    writes: writesOf(nest),
    chunks,
    cost,
    emit: (context) => {
      const { code } = context;
      const steps = new StepWriter(
        new ConstantLanes(context),
        nest,
        loops.map((l) => l.strides),
        -1,
      );
      const [source, target, column, place] = [0, 1, 2, 3].map(() => code.local("i32")) as [
        Local,
        Local,
        Local,
        Local,
      ];
      /** Pointer − surplus·stride in the last tile, + place·(stride of the write axis). */
      const push = (pointer: Local, tile: Local, track: number): void => {
        code.get(pointer);
        if (surplus > 0) {
          code.i32(-4 * surplus * at(readAxis.strides, track)).i32(0);
          code
            .get(tile)
            .i32(tiles.size - 1)
            .op("i32.eq")
            .op("select")
            .op("i32.add");
        }
        code
          .get(place)
          .i32(4 * at(writeAxis.strides, track))
          .op("i32.mul")
          .op("i32.add");
      };
      const walk = new Walk(context, nest, { loops, vector: -1, slots: 1 }, steps, {
        inner: ({ pointers }) => {
          const tile = walk.counter(loops.length - 1);
          code.i32(0).set(column);
          code.loop((again) => {
            code.get(column).i32(writeAxis.size - 4);
            code
              .get(column)
              .i32(writeAxis.size - 4)
              .op("i32.lt_s")
              .op("select")
              .set(place);
            push(at(pointers, load), tile, load);
            code.set(source);
            push(at(pointers, store), tile, store);
            code.set(target);
            writeBlocks(context, source, target, width / 4, found);
            code.get(column).i32(4).op("i32.add").tee(column);
            code.i32(writeAxis.size).op("i32.lt_s").brIf(again);
          });
        },
      });
      walk.run();
    },
  };
};
