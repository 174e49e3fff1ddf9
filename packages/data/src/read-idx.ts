import { encodeIdx, type IdxArray, parseIdx } from "./idx.ts";
import { gunzip, gzip } from "./runtime.ts";

/**
 * Parses an IDX file that may be gzip-compressed, as the distributed `*.gz` files are.
 *
 * @param bytes The whole file; compression is recognised by its first two bytes, not by its name.
 * @param name What errors call the file. Default `"IDX data"`.
 * @throws Error as {@link parseIdx}, and when the compressed data is damaged.
 *
 * @example
 * ```ts
 * import { encodeIdxGzip, readIdx } from "@layerwise/data";
 *
 * const file = await encodeIdxGzip({ dtype: "uint8", shape: [2], data: Uint8Array.of(7, 9) });
 * const idx = await readIdx(file, "labels.gz");
 * if (idx.data.join() !== "7,9") throw new Error("wrong values");
 * ```
 */
export async function readIdx(bytes: Uint8Array, name = "IDX data"): Promise<IdxArray> {
  const compressed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return parseIdx(compressed ? await gunzip(bytes, name) : bytes, name);
}

/**
 * Writes an array as a gzip-compressed IDX file.
 *
 * @throws Error as {@link encodeIdx}.
 *
 * @example
 * ```ts
 * import { encodeIdxGzip } from "@layerwise/data";
 *
 * const file = await encodeIdxGzip({ dtype: "uint8", shape: [2], data: Uint8Array.of(7, 9) });
 * if (file[0] !== 0x1f || file[1] !== 0x8b) throw new Error("not gzip");
 * ```
 */
export async function encodeIdxGzip(array: IdxArray): Promise<Uint8Array<ArrayBuffer>> {
  return gzip(encodeIdx(array));
}
