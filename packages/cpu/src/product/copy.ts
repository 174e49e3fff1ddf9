import { type Buffer, elementBytes, type Kernel, type KernelContext } from "../kernel/kernel.ts";
import type { Local } from "../wasm/locals.ts";
import { type Axis, advanceTo, mergeAxes, setEnd, stepsOf } from "./axes.ts";
import { advance, countDown } from "./tile.ts";

const ELEMENTS_PER_CHUNK = 32768;

/** What a copy moves: elements at offset + Σ index·stride in [source, target]. */
export interface Move {
  readonly name: string;
  readonly source: Buffer;
  readonly target: Buffer;
  readonly offsets: readonly [number, number];
  readonly axes: readonly Axis[];
}

/** Copies elements that are evenly spaced along each axis, in both buffers. */
export const moveKernel = ({ name, source, target, offsets, axes }: Move): Kernel => {
  const merged = mergeAxes(axes);
  const inner = merged[merged.length - 1] ?? { size: 1, strides: [1, 1] };
  const outer = merged.slice(0, -1);
  const rows = stepsOf(outer);
  const bytes = elementBytes(source.dtype);
  const perChunk = Math.max(1, Math.ceil(ELEMENTS_PER_CHUNK / inner.size), Math.ceil(rows / 512));
  const [step, targetStep] = inner.strides.map((n) => n * bytes) as [number, number];
  const emit = ({ code, chunk, address }: KernelContext): void => {
    const local = (): Local => code.local("i32");
    const [row, end, from, to, left] = [local(), local(), local(), local(), local()];
    const places = [
      [from, address(source)],
      [to, address(target)],
    ] as const;
    code.get(chunk).i32(perChunk).op("i32.mul").set(row);
    setEnd(code, end, row, perChunk, rows);
    code.forUntil(row, end, 1, () => {
      places.forEach(([at, base], i) => {
        code
          .get(base)
          .i32(bytes * (offsets[i] as number))
          .op("i32.add")
          .set(at);
      });
      advanceTo(code, outer, row, [from, to], bytes);
      if (step === bytes && targetStep === bytes) {
        code
          .get(to)
          .get(from)
          .i32(inner.size * bytes)
          .memoryCopy();
        return;
      }
      code.i32(inner.size).set(left);
      countDown(code, left, () => {
        code
          .get(to)
          .get(from)
          .memory(bytes === 1 ? "i32.load8_u" : "i32.load");
        code.memory(bytes === 1 ? "i32.store8" : "i32.store");
        advance(code, from, step);
        advance(code, to, targetStep);
      });
    });
  };
  return {
    name,
    reads: [source],
    writes: [target],
    chunks: Math.max(1, Math.ceil(rows / perChunk)),
    cost: rows * inner.size,
    emit,
  };
};

/** Copies the elements of `source` at offset + Σ index·stride into `target`, in row-major order of the axes. */
export const copyKernel = (
  source: Buffer,
  axes: readonly Axis[],
  target: Buffer,
  offset = 0,
): Kernel =>
  moveKernel({
    name: "copy of an operand",
    source,
    target,
    offsets: [offset, 0],
    axes: axes.map(({ size, strides: [stride] }, i) => ({
      size,
      strides: [stride as number, stepsOf(axes.slice(i + 1))],
    })),
  });
