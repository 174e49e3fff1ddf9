import type { NumericArray } from "./gather.ts";

// https://huggingface.co/docs/safetensors: the length of the header as a little-endian uint64, a
// JSON header, then the values, little-endian and row-major, one tensor after the other.

interface Arrays {
  readonly float64: Float64Array;
  readonly float32: Float32Array;
  readonly int32: Int32Array;
  readonly uint8: Uint8Array;
  readonly bool: Uint8Array;
}

/** Is one array of a safetensors file. */
export type NamedTensor = {
  readonly [D in keyof Arrays]: {
    /** Data type of the values; `"bool"` is one byte, 0 or 1. */
    readonly dtype: D;
    /** Size of each dimension; `[]` for a scalar. */
    readonly shape: readonly number[];
    /** Values, row-major. */
    readonly data: Arrays[D] & NumericArray;
  };
}[keyof Arrays];

/** Is the content of a safetensors file. */
export interface Safetensors {
  /** Arrays by name. */
  readonly tensors: { readonly [name: string]: NamedTensor };
  /** Text by name. */
  readonly metadata: { readonly [name: string]: string };
}

// In the order in which the format's own library writes them: larger elements first, so that every
// array starts at a multiple of its element size.
const DTYPES = {
  float64: { code: "F64", array: Float64Array },
  float32: { code: "F32", array: Float32Array },
  int32: { code: "I32", array: Int32Array },
  uint8: { code: "U8", array: Uint8Array },
  bool: { code: "BOOL", array: Uint8Array },
} as const;
type Dtype = keyof Arrays;

const ORDER = Object.keys(DTYPES) as readonly Dtype[];
const METADATA = "__metadata__";
const ALIGNMENT = 8;

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/**
 * Writes arrays and text as the bytes of a safetensors file.
 *
 * Byte for byte what the format's own library writes, whatever the order of `tensors`.
 *
 * @throws Error that names the tensor, when the data does not have the shape's size.
 *
 * @example
 * ```ts
 * import { encodeSafetensors, parseSafetensors } from "@layerwise/data";
 *
 * const bias = { dtype: "float32", shape: [2], data: Float32Array.of(1, 2) } as const;
 * const bytes = encodeSafetensors({ tensors: { "0.bias": bias }, metadata: { inputs: "784" } });
 * const { tensors, metadata } = parseSafetensors(bytes, "weights.safetensors");
 * if (tensors["0.bias"]?.data.join() !== "1,2" || metadata.inputs !== "784") throw new Error("lost");
 * ```
 */
export function encodeSafetensors({
  tensors,
  metadata,
}: Pick<Safetensors, "tensors"> & Partial<Safetensors>): Uint8Array<ArrayBuffer> {
  const entries = Object.entries(tensors).sort(
    ([a, x], [b, y]) => ORDER.indexOf(x.dtype) - ORDER.indexOf(y.dtype) || (a < b ? -1 : 1),
  );
  const header: Record<string, HeaderEntry | Safetensors["metadata"]> = {};
  if (metadata !== undefined) header[METADATA] = metadata;
  let end = 0;
  for (const [name, { dtype, shape, data }] of entries) {
    const size = product(shape);
    if (name === METADATA || data.length !== size) {
      throw new Error(
        `safetensors: expected ${size} values for "${name}" [${shape.join(", ")}], got ${data.length}`,
      );
    }
    const begin = end;
    end += data.byteLength;
    header[name] = { dtype: DTYPES[dtype].code, shape, data_offsets: [begin, end] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(8 + length + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.fill(0x20, 8, 8 + length).set(json, 8);
  let at = 8 + length;
  for (const [, { data }] of entries) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * Parses a safetensors file with float64, float32, int32, uint8 and bool arrays.
 *
 * @param bytes The whole file.
 * @param name What errors call the file. Default `"safetensors data"`.
 * @throws Error that names the file and the tensor, when the file is cut short, its header is not
 * valid, or a tensor has another data type or does not fill its place.
 */
export function parseSafetensors(bytes: Uint8Array, name = "safetensors data"): Safetensors {
  const { header, start } = readHeader(bytes, name);
  const { [METADATA]: metadata = {}, ...entries } = header;
  if (!isRecord(metadata) || Object.values(metadata).some((text) => typeof text !== "string")) {
    throw new Error(`${name}: expected text in ${METADATA}, found ${JSON.stringify(metadata)}`);
  }
  let end = 0;
  const tensors = Object.entries(entries).map(([key, entry]) => {
    const tensor = readTensor(bytes.subarray(start), entry, `${name}: tensor "${key}"`);
    end = Math.max(end, (entry as HeaderEntry).data_offsets[1]);
    return [key, tensor] as const;
  });
  if (start + end !== bytes.length) {
    throw new Error(`${name}: expected ${start + end} bytes, found ${bytes.length}`);
  }
  return {
    tensors: Object.fromEntries(tensors),
    metadata: metadata as Safetensors["metadata"],
  };
}

function readHeader(bytes: Uint8Array, name: string) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length < 8 ? 0 : Number(view.getBigUint64(0, true));
  const start = 8 + length;
  if (length === 0 || start > bytes.length) {
    const found = `found ${bytes.length} bytes, of which the header should have ${length}`;
    throw new Error(`${name}: expected a whole safetensors file, ${found}`);
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, start));
    const header: unknown = JSON.parse(text);
    if (isRecord(header)) return { header, start };
  } catch {
    // Said below: what follows the length is not JSON.
  }
  throw new Error(`${name}: expected a safetensors file, found no JSON header`);
}

function readTensor(values: Uint8Array, entry: unknown, title: string): NamedTensor {
  if (!isEntry(entry)) {
    throw new Error(
      `${title}: expected dtype, shape and data_offsets, found ${JSON.stringify(entry)}`,
    );
  }
  const { shape, data_offsets: place } = entry;
  const dtype = ORDER.find((d) => DTYPES[d].code === entry.dtype);
  if (dtype === undefined) {
    const known = ORDER.map((d) => DTYPES[d].code).join(", ");
    throw new Error(`${title}: expected one of ${known}, found ${entry.dtype}`);
  }
  const { array } = DTYPES[dtype];
  const [begin, end] = place;
  const size = product(shape) * array.BYTES_PER_ELEMENT;
  if (end - begin !== size || end > values.length) {
    const found = `bytes ${begin} to ${end} of ${values.length}`;
    throw new Error(`${title}: expected ${size} bytes for [${shape.join(", ")}], found ${found}`);
  }
  // A copy, as the file's values need not be aligned.
  const data = new array(values.slice(begin, end).buffer);
  return { dtype, shape, data } as NamedTensor;
}

const product = (shape: readonly number[]): number => shape.reduce((n, size) => n * size, 1);

const isRecord = (x: unknown): x is Record<string, unknown> =>
  typeof x === "object" && x !== null && !Array.isArray(x);

const isNatural = (x: unknown): boolean => Number.isSafeInteger(x) && (x as number) >= 0;

const isEntry = (x: unknown): x is HeaderEntry => {
  if (!isRecord(x) || typeof x.dtype !== "string") return false;
  const { shape, data_offsets: place } = x;
  return (
    Array.isArray(shape) &&
    shape.every(isNatural) &&
    Array.isArray(place) &&
    place.length === 2 &&
    place.every(isNatural)
  );
};
