import type { Kernel, KernelContext } from "../kernel/kernel.ts";
import type { Local } from "../wasm/locals.ts";
import { advanceTo, mergeAxes, setEnd, stepsOf } from "./axes.ts";
import type { Matrix, MatrixProduct } from "./matrix.ts";
import { advance } from "./tile.ts";

const ELEMENTS_PER_CHUNK = 1 << 18;
/** Blocks of rows that the library sums together: of either function, so that chunks split none. */
const ROWS = 48;

/** The product of a matrix, one of whose strides is 1, with a vector. */
export const matrixVectorKernel = (
  p: MatrixProduct,
  matrix: Matrix,
  vector: Matrix,
  vectorStride: number,
  rows: number,
): Kernel => {
  const { depth } = p;
  const batch = mergeAxes(
    p.batch.map((size, i) => ({
      size,
      strides: [matrix.batch[i] as number, vector.batch[i] as number, p.out.batch[i] as number],
    })),
  );
  const batches = stepsOf(batch);
  const total = batches * rows * depth;
  const target = Math.max(ELEMENTS_PER_CHUNK, total / 256);
  const perChunk = Math.min(rows, ROWS * Math.ceil(target / depth / ROWS));
  const rowChunks = Math.ceil(rows / perChunk);
  const batchesPerChunk =
    rowChunks > 1 ? Math.ceil((batches * rowChunks) / 60000) : Math.ceil(target / (rows * depth));
  const emit = (context: KernelContext): void => {
    const { code, chunk, address, scratch } = context;
    const local = (): Local => code.local("i32");
    const [b, end, first, last, a, x, y] = [
      local(),
      local(),
      local(),
      local(),
      local(),
      local(),
      local(),
    ];
    const inputs = [address(matrix.buffer), address(vector.buffer), address(p.out.buffer)] as const;
    code.get(chunk).i32(rowChunks).op("i32.div_u").i32(batchesPerChunk).op("i32.mul").set(b);
    setEnd(code, end, b, batchesPerChunk, batches);
    code.get(chunk).i32(rowChunks).op("i32.rem_u").i32(perChunk).op("i32.mul").set(first);
    setEnd(code, last, first, perChunk, rows);
    code.forUntil(b, end, 1, () => {
      code
        .get(inputs[0])
        .i32(4 * matrix.offset)
        .op("i32.add");
      code
        .get(first)
        .i32(4 * matrix.row)
        .op("i32.mul")
        .op("i32.add")
        .set(a);
      code
        .get(inputs[1])
        .i32(4 * vector.offset)
        .op("i32.add")
        .set(x);
      code
        .get(inputs[2])
        .i32(4 * p.out.offset)
        .op("i32.add");
      code.get(first).i32(4).op("i32.mul").op("i32.add").set(y);
      advanceTo(code, batch, b, [a, x, y]);
      if (vectorStride !== 1) {
        const [to, stop] = [local(), local()];
        code.get(scratch).set(to);
        code
          .get(scratch)
          .i32(4 * depth)
          .op("i32.add")
          .set(stop);
        code.forUntil(to, stop, 4, () => {
          code.get(to).get(x).memory("f32.load").memory("f32.store");
          advance(code, x, 4 * vectorStride);
        });
        code.get(scratch).set(x);
        code.release(to, stop);
      }
      const contiguousRows = matrix.column === 1;
      code
        .get(y)
        .get(a)
        .i32(4 * (contiguousRows ? matrix.row : matrix.column));
      code.get(x).i32(depth).get(last).get(first).op("i32.sub");
      code.call(context.library(contiguousRows ? "row_dots" : "column_sums"));
    });
  };
  return {
    name: p.name,
    reads: [matrix.buffer, vector.buffer],
    writes: [p.out.buffer],
    chunks: rowChunks * Math.ceil(batches / batchesPerChunk),
    cost: total / 6 + 20 * batches,
    scratchBytes: vectorStride === 1 ? 0 : 4 * depth,
    emit,
  };
};
