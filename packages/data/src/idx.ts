// The IDX format: http://yann.lecun.com/exdb/mnist/ (1998), "THE IDX FILE FORMAT". Two zero bytes,
// a data-type byte, the number of dimensions, each dimension as a big-endian uint32, then the
// values, big-endian and row-major.

interface IdxValues {
  readonly uint8: Uint8Array<ArrayBuffer>;
  readonly int8: Int8Array<ArrayBuffer>;
  readonly int16: Int16Array<ArrayBuffer>;
  readonly int32: Int32Array<ArrayBuffer>;
  readonly float32: Float32Array<ArrayBuffer>;
  readonly float64: Float64Array<ArrayBuffer>;
}

/** Names a data type of the IDX format. */
export type IdxDtype = keyof IdxValues;

/** Is the content of an IDX file; the type of `data` follows from `dtype`. */
export type IdxArray = {
  readonly [D in IdxDtype]: {
    /** Data type of the values. */
    readonly dtype: D;
    /** Size of each dimension. */
    readonly shape: readonly number[];
    /** Values, row-major. */
    readonly data: IdxValues[D];
  };
}[IdxDtype];

interface DtypeRow {
  readonly code: number;
  readonly bytes: number;
  readonly make: (length: number) => IdxValues[IdxDtype];
  readonly get: (view: DataView, offset: number) => number;
  readonly set: (view: DataView, offset: number, value: number) => void;
}

const DTYPES: { readonly [D in IdxDtype]: DtypeRow } = {
  uint8: {
    code: 0x08,
    bytes: 1,
    make: (n) => new Uint8Array(n),
    get: (v, o) => v.getUint8(o),
    set: (v, o, x) => v.setUint8(o, x),
  },
  int8: {
    code: 0x09,
    bytes: 1,
    make: (n) => new Int8Array(n),
    get: (v, o) => v.getInt8(o),
    set: (v, o, x) => v.setInt8(o, x),
  },
  int16: {
    code: 0x0b,
    bytes: 2,
    make: (n) => new Int16Array(n),
    get: (v, o) => v.getInt16(o),
    set: (v, o, x) => v.setInt16(o, x),
  },
  int32: {
    code: 0x0c,
    bytes: 4,
    make: (n) => new Int32Array(n),
    get: (v, o) => v.getInt32(o),
    set: (v, o, x) => v.setInt32(o, x),
  },
  float32: {
    code: 0x0d,
    bytes: 4,
    make: (n) => new Float32Array(n),
    get: (v, o) => v.getFloat32(o),
    set: (v, o, x) => v.setFloat32(o, x),
  },
  float64: {
    code: 0x0e,
    bytes: 8,
    make: (n) => new Float64Array(n),
    get: (v, o) => v.getFloat64(o),
    set: (v, o, x) => v.setFloat64(o, x),
  },
};

/**
 * Parses an IDX file: all six data types, any number of dimensions from 1 to 255.
 *
 * @param bytes The whole file, not compressed.
 * @param name What errors call the file. Default `"IDX data"`.
 * @returns The values in a new array.
 * @throws Error that names the file, what was found and what was wanted, when the magic number or
 * data type is unknown, or the file is shorter or longer than its header says.
 *
 * @example
 * ```ts
 * import { parseIdx } from "@layerwise/data";
 *
 * const idx = parseIdx(Uint8Array.of(0, 0, 0x08, 1, 0, 0, 0, 2, 7, 9), "labels");
 * if (idx.dtype !== "uint8" || idx.data.join() !== "7,9") throw new Error("wrong values");
 * ```
 */
export function parseIdx(bytes: Uint8Array, name = "IDX data"): IdxArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dtype = readDtype(bytes, name);
  const row = DTYPES[dtype];
  const rank = bytes[3] as number;
  const header = 4 + 4 * rank;
  if (bytes.length < header) {
    throw new Error(
      `${name}: truncated IDX header: expected ${header} bytes for ${rank} dimensions, found ${bytes.length}`,
    );
  }
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  const wanted = header + size * row.bytes;
  if (bytes.length !== wanted) {
    const fault =
      bytes.length < wanted
        ? "truncated"
        : `${bytes.length - wanted} trailing byte${bytes.length - wanted === 1 ? "" : "s"}`;
    throw new Error(
      `${name}: expected ${wanted} bytes for IDX ${dtype} [${shape.join(", ")}], found ${bytes.length} (${fault})`,
    );
  }
  // The constructor copies; slice would share memory when the caller hands in a Node Buffer.
  if (dtype === "uint8") return { dtype, shape, data: new Uint8Array(bytes.subarray(header)) };
  const data = row.make(size);
  for (let i = 0; i < size; i++) data[i] = row.get(view, header + i * row.bytes);
  return { dtype, shape, data } as IdxArray;
}

/**
 * Writes an array as an IDX file.
 *
 * @throws Error when the shape does not match the data or the format cannot hold it.
 *
 * @example
 * ```ts
 * import { encodeIdx } from "@layerwise/data";
 *
 * const bytes = encodeIdx({ dtype: "uint8", shape: [2], data: Uint8Array.of(7, 9) });
 * if (bytes.join() !== "0,0,8,1,0,0,0,2,7,9") throw new Error("wrong bytes");
 * ```
 */
export function encodeIdx({ dtype, shape, data }: IdxArray): Uint8Array<ArrayBuffer> {
  if (shape.length < 1 || shape.length > 255) {
    throw new Error(`encodeIdx: expected 1 to 255 dimensions, got [${shape.join(", ")}]`);
  }
  if (shape.some((d) => !Number.isInteger(d) || d < 0 || d >= 2 ** 32)) {
    throw new Error(`encodeIdx: expected dimensions in [0, 2^32), got [${shape.join(", ")}]`);
  }
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  if (size !== data.length) {
    throw new Error(
      `encodeIdx: expected ${size} values for [${shape.join(", ")}], got ${data.length}`,
    );
  }
  const row = DTYPES[dtype];
  const header = 4 + 4 * shape.length;
  const bytes = new Uint8Array(header + size * row.bytes);
  const view = new DataView(bytes.buffer);
  bytes[2] = row.code;
  bytes[3] = shape.length;
  shape.forEach((dimension, axis) => {
    view.setUint32(4 + 4 * axis, dimension);
  });
  if (dtype === "uint8") bytes.set(data, header);
  else for (let i = 0; i < size; i++) row.set(view, header + i * row.bytes, data[i] as number);
  return bytes;
}

function readDtype(bytes: Uint8Array, name: string): IdxDtype {
  if (bytes.length < 4) {
    throw new Error(`${name}: expected an IDX header of at least 8 bytes, found ${bytes.length}`);
  }
  const magic = Array.from(bytes.subarray(0, 4), hex).join(" ");
  if (bytes[0] !== 0 || bytes[1] !== 0) {
    const hint = bytes[0] === 0x1f && bytes[1] === 0x8b ? " (gzip: use readIdx)" : "";
    throw new Error(`${name}: expected IDX magic 00 00 <type> <dimensions>, found ${magic}${hint}`);
  }
  for (const dtype of Object.keys(DTYPES) as IdxDtype[]) {
    if (DTYPES[dtype].code !== bytes[2]) continue;
    if (bytes[3] === 0) {
      throw new Error(`${name}: expected at least 1 IDX dimension, found 0 (magic ${magic})`);
    }
    return dtype;
  }
  const known = Object.entries(DTYPES).map(([dtype, { code }]) => `${hex(code)} ${dtype}`);
  throw new Error(
    `${name}: unknown IDX data type ${hex(bytes[2] as number)} (magic ${magic}), expected one of ${known.join(", ")}`,
  );
}

const hex = (byte: number): string => byte.toString(16).padStart(2, "0");
