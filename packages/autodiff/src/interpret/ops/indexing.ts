import { at, complement, range, sizeOf } from "../../ir/shape.ts";
import type { AddressingOp, OpAttrs, TensorType } from "../../ir/types.ts";
import { full, mapAligned, mapOne, mapTwo } from "../broadcast.ts";
import type { Emitter } from "../emitter.ts";
import { onHost } from "../host-step.ts";
import { type Lower, single } from "../lower.ts";
import { slice, transpose } from "../move.ts";
import { type Ref, type Val, view, whole } from "../ref.ts";
import { allRows, rowsOf, takeRows } from "./address.ts";
import { select } from "./arithmetic.ts";
import { pick } from "./dot.ts";
import { reduceAxes } from "./reduction.ts";

type Indexing = AddressingOp;

// The last of several updates of one row is found by comparing all pairs of rows.
const MAX_PAIRS = 1 << 22;

const gather = (
  e: Emitter,
  x: Val,
  indices: Val,
  attrs: OpAttrs["gather"],
  { shape, dtype }: TensorType,
): Val => {
  if (sizeOf(shape) === 0) return e.splat(dtype, shape, 0);
  const { collapsedSliceDims, operandBatchingDims, offsetDims, sliceSizes } = attrs;
  const rows = rowsOf(
    e,
    x.shape,
    indices,
    {
      indexed: attrs.startIndexMap,
      batching: operandBatchingDims,
      indicesBatching: attrs.indicesBatchingDims,
      window: sliceSizes,
    },
    true,
  );
  const taken = takeRows(e, full(e, x), allRows(e, rows.starts, rows.within), rows.inner);
  const windowAxes = complement(x.shape.length, [...collapsedSliceDims, ...operandBatchingDims]);
  const batch = indices.shape.slice(0, -1);
  const separate = view(taken, [...batch, ...pick(sliceSizes, windowAxes)]);
  let [nextBatch, nextWindow] = [0, batch.length];
  const order = shape.map((_, axis) => (offsetDims.includes(axis) ? nextWindow++ : nextBatch++));
  return whole(transpose(e, separate, order), dtype, shape);
};

const scatterRows = (e: Emitter, rows: Ref, updates: Ref, count: number): Ref => {
  const [n, inner] = updates.shape as [number, number];
  const inputs = { indices: view(rows, [n, 1]), updates };
  // One more row takes what does not fit.
  const shape = [count + 1, inner];
  const made = e.kernel("ScatterNd", inputs, { shape }, shape, updates.dtype);
  return slice(e, made, [0, 0], [count, inner]);
};

/** Row numbers with `spare` in place of all but the last of equal ones. */
const lastOnly = (e: Emitter, rows: Ref, spare: number): Ref => {
  const n = sizeOf(rows.shape);
  const later = e.constant(
    "bool",
    [n, n],
    range(n * n).map((i) => (i % n > Math.floor(i / n) ? 1 : 0)),
  );
  const equal = mapTwo(e, "Equal", view(rows, [n, 1]), view(rows, [1, n]), "bool");
  const beaten = reduceAxes(e, "Any", mapTwo(e, "LogicalAnd", equal, later), [1]);
  const inputs = { condition: beaten, t: e.scalar("int32", spare), e: rows };
  return mapAligned(e, "Select", inputs, {}, "int32");
};

const scatter = (
  e: Emitter,
  [x, indices, updates]: readonly [Val, Val, Val],
  attrs: OpAttrs["scatter"],
  type: TensorType,
): Val => {
  const { shape, dtype } = type;
  if (sizeOf(updates.shape) === 0 || sizeOf(shape) === 0) return x;
  const { kind, updateWindowDims, insertedWindowDims, inputBatchingDims } = attrs;
  const windowAxes = complement(shape.length, [...insertedWindowDims, ...inputBatchingDims]);
  const window = shape.map((_, axis) => {
    const n = windowAxes.indexOf(axis);
    return n < 0 ? 1 : at(updates.shape, at(updateWindowDims, n));
  });
  const n = sizeOf(indices.shape.slice(0, -1)) * sizeOf(window);
  const host = (): Val => onHost(e, "scatter", [x, indices, updates], attrs, [type])[0]!;
  const exact = dtype === "f32" || dtype === "i32" || dtype === "u32";
  if (!exact || (kind === "set" && (e.target.readsSync || n * n > MAX_PAIRS))) return host();
  const rows = rowsOf(
    e,
    shape,
    indices,
    {
      indexed: attrs.scatterDimsToOperandDims,
      batching: inputBatchingDims,
      indicesBatching: attrs.indicesBatchingDims,
      window,
    },
    false,
  );
  const condition = rows.inside();
  const spare = e.scalar("int32", rows.count);
  // Each window's rows, all sent to the spare row where the window does not fit.
  const each = view(allRows(e, rows.starts, rows.within), [
    sizeOf(rows.starts.shape),
    rows.within.length,
  ]);
  const inputs = { condition: view(condition, [...condition.shape, 1]), t: each, e: spare };
  const numbers = mapAligned(e, "Select", inputs, {}, "int32");
  const batchAxes = complement(updates.shape.length, updateWindowDims);
  const moved = transpose(e, full(e, updates), [...batchAxes, ...updateWindowDims]);
  const flat = view(moved, [sizeOf(moved.shape) / rows.inner, rows.inner]);
  if (kind === "add") {
    const sums = whole(view(scatterRows(e, numbers, flat, rows.count), shape), dtype);
    if (x.splat === 0) return sums;
    return { shape, dtype, ref: mapTwo(e, "Add", x.ref, sums.ref) };
  }
  const last = lastOnly(e, view(numbers, [sizeOf(numbers.shape)]), rows.count);
  const placed = whole(view(scatterRows(e, last, flat, rows.count), shape), dtype);
  const ones = e.constant(
    "float32",
    [sizeOf(numbers.shape), 1],
    range(sizeOf(numbers.shape)).map(() => 1),
  );
  const hits = scatterRows(e, last, ones, rows.count);
  const hit = mapTwo(e, "Greater", hits, e.scalar("float32", 0), "bool");
  const mask = view(mapOne(e, "LogicalNot", hit), [rows.count, 1]);
  const matrix = [rows.count, rows.inner];
  const old = whole(view(full(e, x), matrix), dtype);
  const chosen = select(
    e,
    whole(mask, "bool", matrix),
    old,
    whole(view(placed.ref, matrix), dtype),
  );
  return whole(view(full(e, chosen), shape), dtype);
};

/** Lowering of operations that address windows of an operand by index. */
export const indexing: { readonly [K in Indexing]: Lower<K> } = {
  gather: single((e, [x, indices], attrs, type) => gather(e, x!, indices!, attrs, type)),
  scatter: single((e, [x, indices, updates], attrs, type) =>
    scatter(e, [x!, indices!, updates!], attrs, type),
  ),
};
