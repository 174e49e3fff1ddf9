import { at } from "@layerwise/autodiff/executor";
import type { Kernel, KernelContext } from "../kernel/kernel.ts";
import { type Axis, advanceTo, mergeAxes, setEnd, stepsOf } from "../product/axes.ts";
import { advance, countDown } from "../product/tile.ts";
import type { Local } from "../wasm/locals.ts";
import type { Contraction } from "./contraction.ts";

const STEPS_PER_CHUNK = 50_000;

const stride = (axis: Axis, array: number): number => at(axis.strides, array);

/** The sums of a contraction one after another, or four that are neighbours. All dtypes of 4 bytes. */
export const directKernel = (c: Contraction): Kernel => {
  const float = c.out.dtype === "f32" || c.out.dtype === "f16";
  const axes = mergeAxes(
    [c.groups, c.features, ...c.pixels].sort((a, b) => stride(b, 2) - stride(a, 2)),
  );
  const inner = axes[axes.length - 1] ?? { size: 1, strides: [1, 1, 1] };
  const outer = axes.slice(0, -1);
  const summed = mergeAxes([...c.summed].sort((a, b) => stride(b, 0) - stride(a, 0)));
  const lines = stepsOf(outer);
  const depth = stepsOf(summed);
  const perChunk = Math.max(
    Math.ceil(STEPS_PER_CHUNK / (inner.size * depth)),
    Math.ceil(lines / 512),
  );
  const unitOr0 = (array: number): boolean => [0, 1].includes(stride(inner, array));
  const vectors = unitOr0(0) && unitOr0(1) && stride(inner, 2) === 1 ? inner.size >> 2 : 0;

  const emit = ({ code, chunk, address }: KernelContext): void => {
    const local = (): Local => code.local("i32");
    const [line, end, x, w, y, count] = [local(), local(), local(), local(), local(), local()];
    /** Runs the body for all summed elements with the addresses of both factors. */
    const sumLoops = (
      i: number,
      from: Local,
      tap: Local,
      body: (x: Local, w: Local) => void,
    ): void => {
      const axis = summed[i];
      if (axis === undefined) {
        body(from, tap);
        return;
      }
      const [p, q, left] = [local(), local(), local()];
      code.get(from).set(p).get(tap).set(q).i32(axis.size).set(left);
      countDown(code, left, () => {
        sumLoops(i + 1, p, q, body);
        advance(code, p, 4 * stride(axis, 0));
        advance(code, q, 4 * stride(axis, 1));
      });
      code.release(p, q, left);
    };
    const sum = float ? code.local("f32") : local();
    const scalar = (): void => {
      if (float) code.f32(0).set(sum);
      else code.i32(0).set(sum);
      sumLoops(0, x, w, (p, q) => {
        if (float) {
          code.get(p).memory("f32.load").get(q).memory("f32.load").op("f32.mul");
          code.get(sum).op("f32.add").set(sum);
        } else {
          code.get(p).memory("i32.load").get(q).memory("i32.load").op("i32.mul");
          code.get(sum).op("i32.add").set(sum);
        }
      });
      code
        .get(y)
        .get(sum)
        .memory(float ? "f32.store" : "i32.store");
    };
    const vector = (): void => {
      const four = code.local("v128");
      const load = (array: number) =>
        stride(inner, array) === 1 ? "v128.load" : "v128.load32_splat";
      code.i32(0).op("i32x4.splat").set(four);
      sumLoops(0, x, w, (p, q) => {
        code.get(p).memory(load(0)).get(q).memory(load(1));
        code.op(float ? "f32x4.mul" : "i32x4.mul");
        code
          .get(four)
          .op(float ? "f32x4.add" : "i32x4.add")
          .set(four);
      });
      code.get(y).get(four).memory("v128.store");
    };
    const next = (n: number): void => {
      [x, w, y].forEach((p, array) => {
        advance(code, p, 4 * n * stride(inner, array));
      });
    };
    code.get(chunk).i32(perChunk).op("i32.mul").set(line);
    setEnd(code, end, line, perChunk, lines);
    const places = [
      [x, c.input],
      [w, c.kernel],
      [y, c.out],
    ] as const;
    code.forUntil(line, end, 1, () => {
      places.forEach(([p, buffer], i) => {
        code
          .get(address(buffer))
          .i32(4 * at(c.offsets, i))
          .op("i32.add")
          .set(p);
      });
      advanceTo(code, outer, line, [x, w, y]);
      if (vectors > 0) {
        code.i32(vectors).set(count);
        countDown(code, count, () => {
          vector();
          next(4);
        });
      }
      if (inner.size - 4 * vectors > 0) {
        code.i32(inner.size - 4 * vectors).set(count);
        countDown(code, count, () => {
          scalar();
          next(1);
        });
      }
    });
  };
  return {
    name: "convolution",
    reads: [c.input, c.kernel],
    writes: [c.out],
    chunks: Math.max(1, Math.ceil(lines / perChunk)),
    cost: (lines * inner.size * depth) / (vectors > 0 ? 3 : 1),
    emit,
  };
};
