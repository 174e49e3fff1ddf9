/** Is a typed array that can hold examples or labels. */
export type NumericArray =
  | Uint8Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

/**
 * Copies the chosen rows of a row-major matrix into a new array of the same type.
 *
 * out[k, :] = values[indices[k], :]; an index may occur more than once.
 *
 * @param values Row-major values, [n, rowSize].
 * @param rowSize Numbers in a row, at least 1.
 * @param indices Rows to copy, each in [0, n).
 * @throws RangeError when `values` is not a whole number of rows or an index is outside it.
 *
 * @example
 * ```ts
 * import { gatherRows } from "@layerwise/data";
 *
 * const rows = gatherRows(Float32Array.of(1, 2, 3, 4, 5, 6), 2, [2, 0]);
 * if (rows.join() !== "5,6,1,2") throw new Error("wrong rows");
 * ```
 */
export function gatherRows<T extends NumericArray>(
  values: T,
  rowSize: number,
  indices: ArrayLike<number>,
): T {
  const count = rowCount("gatherRows", values.length, rowSize);
  const make = values.constructor as new (length: number) => T;
  const out = new make(indices.length * rowSize);
  for (let k = 0; k < indices.length; k++) {
    const row = indices[k] as number;
    if (!(row >= 0 && row < count && Number.isInteger(row))) {
      throw new RangeError(`gatherRows: expected indices in [0, ${count}), got ${row} at ${k}`);
    }
    out.set(values.subarray(row * rowSize, (row + 1) * rowSize), k * rowSize);
  }
  return out;
}

/** Returns how many rows of `rowSize` numbers there are, or throws in the name of the caller. */
export function rowCount(caller: string, length: number, rowSize: number): number {
  if (!Number.isInteger(rowSize) || rowSize < 1) {
    throw new RangeError(`${caller}: expected a row size of at least 1, got ${rowSize}`);
  }
  if (length % rowSize !== 0) {
    throw new RangeError(`${caller}: expected rows of ${rowSize} numbers, got ${length} numbers`);
  }
  return length / rowSize;
}
