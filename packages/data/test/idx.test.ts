import { encodeIdx, encodeIdxGzip, type IdxArray, parseIdx, readIdx } from "@layerwise/data";
import * as fc from "fast-check";
import { expect, test } from "vitest";

// Oracle: bytes written by hand from the format's definition, http://yann.lecun.com/exdb/mnist/.
const FILES: readonly { readonly bytes: readonly number[]; readonly array: IdxArray }[] = [
  {
    bytes: [0, 0, 0x08, 2, 0, 0, 0, 2, 0, 0, 0, 3, 0, 1, 127, 128, 254, 255],
    array: { dtype: "uint8", shape: [2, 3], data: Uint8Array.of(0, 1, 127, 128, 254, 255) },
  },
  {
    bytes: [0, 0, 0x09, 1, 0, 0, 0, 3, 0x80, 0xff, 0x7f],
    array: { dtype: "int8", shape: [3], data: Int8Array.of(-128, -1, 127) },
  },
  {
    bytes: [0, 0, 0x0b, 1, 0, 0, 0, 2, 0x01, 0x02, 0xff, 0xfe],
    array: { dtype: "int16", shape: [2], data: Int16Array.of(258, -2) },
  },
  {
    bytes: [0, 0, 0x0c, 1, 0, 0, 0, 2, 0x01, 0x02, 0x03, 0x04, 0xff, 0xff, 0xff, 0xfe],
    array: { dtype: "int32", shape: [2], data: Int32Array.of(16909060, -2) },
  },
  {
    // IEEE 754: 1.5 = 0x3fc00000, -2 = 0xc0000000
    bytes: [0, 0, 0x0d, 1, 0, 0, 0, 2, 0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0],
    array: { dtype: "float32", shape: [2], data: Float32Array.of(1.5, -2) },
  },
  {
    // IEEE 754: 1.5 = 0x3ff8000000000000
    bytes: [0, 0, 0x0e, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0],
    array: { dtype: "float64", shape: [1, 1, 1], data: Float64Array.of(1.5) },
  },
];

test.for(FILES)("parses and writes $array.dtype bytes built by hand", ({ bytes, array }) => {
  expect(parseIdx(Uint8Array.from(bytes))).toStrictEqual(array);
  expect([...encodeIdx(array)]).toEqual(bytes);
});

test.for(FILES)("reads $array.dtype back from gzip", async ({ array }) => {
  expect(await readIdx(await encodeIdxGzip(array), "x.gz")).toStrictEqual(array);
});

test("reads a gzip file made by another program (Python's gzip of 00 00 08 01 00 00 00 02 07 09)", async () => {
  const hex = "1f8b08000000000002036360e0606460606062e704007a8201a30a000000";
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  expect((await readIdx(bytes)).data).toEqual(Uint8Array.of(7, 9));
});

test("round trip: parse(encode(x)) = x for any shape and bytes", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(4), { minLength: 1, maxLength: 4 }),
      fc.infiniteStream(fc.nat(255)),
      (shape, bytes) => {
        const size = shape.reduce((a, b) => a * b, 1);
        const data = Uint8Array.from([...bytes.take(size)]);
        const array: IdxArray = { dtype: "uint8", shape, data };
        expect(parseIdx(encodeIdx(array))).toStrictEqual(array);
      },
    ),
  );
});

test("reads a view into a larger buffer and shares no memory with it", () => {
  const buffer = Uint8Array.of(9, 9, 9, 0, 0, 8, 1, 0, 0, 0, 2, 7, 8, 9);
  const { data } = parseIdx(buffer.subarray(3, 13));
  buffer.fill(0);
  expect(data).toEqual(Uint8Array.of(7, 8));
});

test.for([
  ["no bytes", [], "f: expected an IDX header of at least 8 bytes, found 0"],
  [
    "bad magic",
    [0x89, 0x50, 0x4e, 0x47, 0],
    "f: expected IDX magic 00 00 <type> <dimensions>, found 89 50 4e 47",
  ],
  [
    "gzip where plain is wanted",
    [0x1f, 0x8b, 8, 0],
    "f: expected IDX magic 00 00 <type> <dimensions>, found 1f 8b 08 00 (gzip: use readIdx)",
  ],
  [
    "unknown data type",
    [0, 0, 0x0a, 1, 0, 0, 0, 0],
    "f: unknown IDX data type 0a (magic 00 00 0a 01), expected one of 08 uint8, 09 int8, 0b int16, 0c int32, 0d float32, 0e float64",
  ],
  [
    "no dimensions",
    [0, 0, 8, 0, 1],
    "f: expected at least 1 IDX dimension, found 0 (magic 00 00 08 00)",
  ],
  [
    "truncated header",
    [0, 0, 8, 3, 0, 0, 0, 1, 0, 0],
    "f: truncated IDX header: expected 16 bytes for 3 dimensions, found 10",
  ],
  [
    "truncated values",
    [0, 0, 0x0b, 1, 0, 0, 0, 2, 1, 2, 3],
    "f: expected 12 bytes for IDX int16 [2], found 11 (truncated)",
  ],
  [
    "one trailing byte",
    [0, 0, 8, 1, 0, 0, 0, 1, 5, 6],
    "f: expected 9 bytes for IDX uint8 [1], found 10 (1 trailing byte)",
  ],
  [
    "dimensions whose product exceeds 2^53",
    [0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255, 1],
    "f: expected 18446744065119617000 bytes for IDX uint8 [4294967295, 4294967295], found 13 (truncated)",
  ],
] as const)("refuses %s", ([, bytes, message]) => {
  expect(() => parseIdx(Uint8Array.from(bytes), "f")).toThrow(new Error(message));
});

test("names a damaged gzip file", async () => {
  const file = await encodeIdxGzip({ dtype: "uint8", shape: [2], data: Uint8Array.of(7, 9) });
  await expect(readIdx(file.subarray(0, 15), "x.gz")).rejects.toThrow(
    /^x\.gz: expected a whole gzip file, found damage: /,
  );
});

test("refuses to write what the format cannot hold", () => {
  const data = Uint8Array.of(1, 2);
  expect(() => encodeIdx({ dtype: "uint8", shape: [3], data })).toThrow(
    "encodeIdx: expected 3 values for [3], got 2",
  );
  expect(() => encodeIdx({ dtype: "uint8", shape: [], data })).toThrow(
    "encodeIdx: expected 1 to 255 dimensions, got []",
  );
  expect(() => encodeIdx({ dtype: "uint8", shape: [-1, -2], data })).toThrow(
    "encodeIdx: expected dimensions in [0, 2^32), got [-1, -2]",
  );
});
