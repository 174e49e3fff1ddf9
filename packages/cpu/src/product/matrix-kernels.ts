import type { Allocator, Buffer, Kernel, KernelContext } from "../kernel/kernel.ts";
import type { Local } from "../wasm/locals.ts";
import { type Axis, advanceTo, mergeAxes, setEnd, stepsOf } from "./axes.ts";
import type { Matrix, MatrixProduct } from "./matrix.ts";
import { multiplyScratch } from "./multiply.ts";

/** Floating-point operations of a chunk: about 40 µs. */
const CHUNK = 2e6;
/** Numbers of rows that both tile heights, 6 and 5, divide. */
const ROWS = 30;
/** Widest tile. */
const COLUMNS = 16;
/** Bytes of the rows that a chunk packs for itself: they stay in the L2 cache. */
const PACKED_BYTES = 1 << 19;

const flops = ({ rows, depth, columns }: MatrixProduct): number => 2 * rows * depth * columns;

const nanoseconds = (p: MatrixProduct, batches: number): number =>
  (batches * flops(p)) / 45 + (batches * p.rows * p.depth) / 2 + 100 * batches;

const batchAxes = (p: MatrixProduct, ...strides: (readonly number[])[]): Axis[] =>
  mergeAxes(p.batch.map((size, i) => ({ size, strides: strides.map((s) => s[i] as number) })));

/** Sets `target` to the matrix's first element plus `index` times `stride`. */
const setPlace = (
  { code, address }: KernelContext,
  target: Local,
  { buffer, offset }: Matrix,
  index?: Local,
  stride = 0,
): void => {
  code.get(address(buffer));
  if (offset !== 0) code.i32(4 * offset).op("i32.add");
  if (index !== undefined)
    code
      .get(index)
      .i32(4 * stride)
      .op("i32.mul")
      .op("i32.add");
  code.set(target);
};

/** Rows per chunk that make about `target` operations, in whole blocks unless one chunk holds all. */
const rowsPerChunk = (p: MatrixProduct, target: number, most: number): number => {
  const wanted = Math.min(most, target / (2 * p.depth * p.columns));
  if (wanted >= p.rows) return p.rows;
  const blocks = Math.max(1, Math.floor(wanted / ROWS));
  const chunks = Math.ceil(p.rows / (ROWS * blocks));
  return Math.min(p.rows, ROWS * Math.ceil(p.rows / chunks / ROWS));
};

/** One kernel whose chunks pack the rows they need: for narrow and for small products. */
export const fusedKernel = (p: MatrixProduct): readonly Kernel[] | undefined => {
  const most = PACKED_BYTES / (4 * p.depth);
  if ((p.columns > 64 && flops(p) > CHUNK) || most < Math.min(p.rows, ROWS)) return undefined;
  const batch = batchAxes(p, p.lhs.batch, p.rhs.batch, p.out.batch);
  const batches = stepsOf(batch);
  const target = Math.max(CHUNK, (batches * flops(p)) / 256);
  const rows = rowsPerChunk(p, target, most);
  const rowChunks = Math.ceil(p.rows / rows);
  const perChunk = rowChunks > 1 ? 1 : Math.max(1, Math.floor(target / (flops(p) + 2000)));
  const packedBytes = 4 * rows * p.depth;
  const emit = (context: KernelContext): void => {
    const { code, chunk, scratch } = context;
    const local = (): Local => code.local("i32");
    const [b, end, first, height] = [local(), local(), local(), local()];
    const [lhs, rhs, out] = [local(), local(), local()];
    code.get(chunk).i32(rowChunks).op("i32.div_u").i32(perChunk).op("i32.mul").set(b);
    setEnd(code, end, b, perChunk, batches);
    code.get(chunk).i32(rowChunks).op("i32.rem_u").i32(rows).op("i32.mul").set(first);
    setEnd(code, height, first, rows, p.rows);
    code.get(height).get(first).op("i32.sub").set(height);
    code.forUntil(b, end, 1, () => {
      setPlace(context, lhs, p.lhs, first, p.lhs.row);
      setPlace(context, rhs, p.rhs);
      setPlace(context, out, p.out, first, p.out.row);
      advanceTo(code, batch, b, [lhs, rhs, out]);
      code.get(scratch).get(lhs).get(height).i32(p.depth);
      code
        .i32(4 * p.lhs.row)
        .i32(4 * p.lhs.column)
        .call(context.library("pack"));
      code
        .get(out)
        .i32(4 * p.out.row)
        .get(scratch)
        .get(height)
        .i32(p.depth);
      code
        .get(rhs)
        .i32(4 * p.rhs.row)
        .i32(4 * p.rhs.column)
        .i32(p.columns);
      code.get(scratch).i32(packedBytes).op("i32.add").i32(0).call(context.library("multiply"));
    });
  };
  return [
    {
      name: p.name,
      reads: [p.lhs.buffer, p.rhs.buffer],
      writes: [p.out.buffer],
      chunks: rowChunks * Math.ceil(batches / perChunk),
      cost: nanoseconds(p, batches),
      scratchBytes: packedBytes + multiplyScratch(p.depth),
      emit,
    },
  ];
};

const packKernel = (p: MatrixProduct, packed: Buffer, rows: number): Kernel => {
  const size = p.rows * p.depth;
  const batch = batchAxes(
    p,
    p.lhs.batch,
    p.batch.map((_, i) => size * p.batch.slice(i + 1).reduce((n, s) => n * s, 1)),
  );
  const rowChunks = Math.ceil(p.rows / rows);
  const emit = (context: KernelContext): void => {
    const { code, chunk } = context;
    const local = (): Local => code.local("i32");
    const [b, first, end, from, to] = [local(), local(), local(), local(), local()];
    code.get(chunk).i32(rowChunks).op("i32.div_u").set(b);
    code.get(chunk).i32(rowChunks).op("i32.rem_u").i32(rows).op("i32.mul").set(first);
    setEnd(code, end, first, rows, p.rows);
    setPlace(context, from, p.lhs, first, p.lhs.row);
    setPlace(context, to, { ...p.lhs, buffer: packed, offset: 0 }, first, p.depth);
    advanceTo(code, batch, b, [from, to]);
    code.get(to).get(from).get(end).get(first).op("i32.sub").i32(p.depth);
    code
      .i32(4 * p.lhs.row)
      .i32(4 * p.lhs.column)
      .call(context.library("pack"));
  };
  const batches = stepsOf(batch);
  return {
    name: `${p.name}: pack`,
    reads: [p.lhs.buffer],
    writes: [packed],
    chunks: batches * rowChunks,
    cost: (batches * size) / 2,
    emit,
  };
};

/** All of the left operand is packed first; then chunks of rows and columns are multiplied. */
export const packedKernels = (p: MatrixProduct, allocator: Allocator): readonly Kernel[] => {
  const batches = p.batch.reduce((n, s) => n * s, 1);
  const packed = allocator.temporary("f32", batches * p.rows * p.depth);
  const target = Math.max(CHUNK, (batches * flops(p)) / 256);
  // Each chunk packs its columns anew, which costs as much as a few rows of the product.
  const blocks = Math.max(1, Math.round(p.rows / 240));
  const rows = Math.min(p.rows, ROWS * Math.ceil(p.rows / blocks / ROWS));
  const rowChunks = Math.ceil(p.rows / rows);
  const panels = Math.ceil(p.columns / COLUMNS);
  const wanted = Math.max(1, Math.round(target / (2 * rows * p.depth * COLUMNS)));
  const columns = COLUMNS * Math.ceil(panels / Math.ceil(panels / wanted));
  const columnChunks = Math.ceil(p.columns / columns);
  const size = p.rows * p.depth;
  const batch = batchAxes(
    p,
    p.batch.map((_, i) => size * p.batch.slice(i + 1).reduce((n, s) => n * s, 1)),
    p.rhs.batch,
    p.out.batch,
  );
  const emit = (context: KernelContext): void => {
    const { code, chunk, scratch } = context;
    const local = (): Local => code.local("i32");
    const [b, first, height, column, width] = [local(), local(), local(), local(), local()];
    const [lhs, rhs, out] = [local(), local(), local()];
    code.get(chunk).i32(columnChunks).op("i32.rem_u").i32(columns).op("i32.mul").set(column);
    setEnd(code, width, column, columns, p.columns);
    code.get(chunk).i32(columnChunks).op("i32.div_u").tee(b);
    code.i32(rowChunks).op("i32.rem_u").i32(rows).op("i32.mul").set(first);
    code.get(b).i32(rowChunks).op("i32.div_u").set(b);
    setEnd(code, height, first, rows, p.rows);
    setPlace(context, lhs, { ...p.lhs, buffer: packed, offset: 0 }, first, p.depth);
    setPlace(context, rhs, p.rhs, column, p.rhs.column);
    setPlace(context, out, p.out, first, p.out.row);
    code.get(out).get(column).i32(4).op("i32.mul").op("i32.add").set(out);
    advanceTo(code, batch, b, [lhs, rhs, out]);
    code
      .get(out)
      .i32(4 * p.out.row)
      .get(lhs)
      .get(height)
      .get(first)
      .op("i32.sub")
      .i32(p.depth);
    code
      .get(rhs)
      .i32(4 * p.rhs.row)
      .i32(4 * p.rhs.column)
      .get(width)
      .get(column)
      .op("i32.sub");
    code.get(scratch).i32(0).call(context.library("multiply"));
  };
  return [
    packKernel(p, packed, rows),
    {
      name: p.name,
      reads: [packed, p.rhs.buffer],
      writes: [p.out.buffer],
      chunks: batches * rowChunks * columnChunks,
      cost: nanoseconds(p, batches),
      scratchBytes: multiplyScratch(p.depth),
      emit,
    },
  ];
};
