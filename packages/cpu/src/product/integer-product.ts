import { elementBytes, type Kernel, type KernelContext } from "../kernel/kernel.ts";
import type { Local } from "../wasm/locals.ts";
import { advanceTo, mergeAxes, setEnd, stepsOf } from "./axes.ts";
import type { MatrixProduct } from "./matrix.ts";
import { advance } from "./tile.ts";

const STEPS_PER_CHUNK = 50_000;

/** The product of matrices of integers, which wraps, or of bools: whether any pair is true. */
export const integerKernel = (p: MatrixProduct): Kernel => {
  const { lhs, rhs, out, depth, columns } = p;
  const bool = out.buffer.dtype === "bool";
  const bytes = elementBytes(out.buffer.dtype);
  const load = bool ? "i32.load8_u" : "i32.load";
  const lines = mergeAxes([
    ...p.batch.map((size, i) => ({
      size,
      strides: [lhs.batch[i] as number, rhs.batch[i] as number, out.batch[i] as number],
    })),
    { size: p.rows, strides: [lhs.row, 0, out.row] },
  ]);
  const count = stepsOf(lines);
  const perChunk = Math.max(
    Math.ceil(STEPS_PER_CHUNK / Math.max(1, columns * depth)),
    Math.ceil(count / 512),
  );
  const emit = ({ code, chunk, address }: KernelContext): void => {
    const local = (): Local => code.local("i32");
    const [line, end, a, b, c, last] = [local(), local(), local(), local(), local(), local()];
    const [x, y, k, sum] = [local(), local(), local(), local()];
    const places = [
      [a, lhs],
      [b, rhs],
      [c, out],
    ] as const;
    code.get(chunk).i32(perChunk).op("i32.mul").set(line);
    setEnd(code, end, line, perChunk, count);
    code.forUntil(line, end, 1, () => {
      for (const [at, { buffer, offset }] of places) {
        code
          .get(address(buffer))
          .i32(bytes * offset)
          .op("i32.add")
          .set(at);
      }
      advanceTo(code, lines, line, [a, b, c], bytes);
      code
        .get(c)
        .i32(bytes * columns)
        .op("i32.add")
        .set(last);
      code.forUntil(c, last, bytes, () => {
        code.get(a).set(x).get(b).set(y).i32(0).set(sum).i32(0).set(k);
        code.forUntil(k, depth, 1, () => {
          code
            .get(x)
            .memory(load)
            .get(y)
            .memory(load)
            .op(bool ? "i32.and" : "i32.mul");
          code
            .get(sum)
            .op(bool ? "i32.or" : "i32.add")
            .set(sum);
          advance(code, x, bytes * lhs.column);
          advance(code, y, bytes * rhs.row);
        });
        code
          .get(c)
          .get(sum)
          .memory(bool ? "i32.store8" : "i32.store");
        advance(code, b, bytes * rhs.column);
      });
    });
  };
  return {
    name: p.name,
    reads: [lhs.buffer, rhs.buffer],
    writes: [out.buffer],
    chunks: Math.max(1, Math.ceil(count / perChunk)),
    cost: count * columns * depth,
    emit,
  };
};
