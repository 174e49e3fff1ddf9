import { encodeSafetensors, type NamedTensor, parseSafetensors } from "@layerwise/data";
import * as fc from "fast-check";
import { expect, test } from "vitest";

// Oracle: the format's own library, safetensors for Python, `safetensors.numpy.save`.
const HEX =
  "d0010000000000007b225f5f6d657461646174615f5f223a7b226e6f7465223a22c3a9222c22666f726d6174223a2274657374227d2c2264223a7b226474797065223a22463634222c227368617065223a5b315d2c22646174615f6f666673657473223a5b302c385d7d2c2262696173223a7b226474797065223a22463332222c227368617065223a5b315d2c22646174615f6f666673657473223a5b382c31325d7d2c22656d707479223a7b226474797065223a22463332222c227368617065223a5b302c335d2c22646174615f6f666673657473223a5b31322c31325d7d2c226c61796572732e302e6b65726e656c223a7b226474797065223a22463332222c227368617065223a5b322c325d2c22646174615f6f666673657473223a5b31322c32385d7d2c2273746570223a7b226474797065223a22493332222c227368617065223a5b5d2c22646174615f6f666673657473223a5b32382c33325d7d2c22706978223a7b226474797065223a225538222c227368617065223a5b325d2c22646174615f6f666673657473223a5b33322c33345d7d2c226d61736b223a7b226474797065223a22424f4f4c222c227368617065223a5b335d2c22646174615f6f666673657473223a5b33342c33375d7d7d202020209a9999999999b93f0000c03f0000803f000020c059d90033000000000700000000ff010001";
const FILE = Uint8Array.from(HEX.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const CONTENT = {
  metadata: { note: "é", format: "test" },
  tensors: {
    "layers.0.kernel": {
      dtype: "float32",
      shape: [2, 2],
      data: Float32Array.of(1, -2.5, 3e-8, 0),
    },
    bias: { dtype: "float32", shape: [1], data: Float32Array.of(1.5) },
    step: { dtype: "int32", shape: [], data: Int32Array.of(7) },
    mask: { dtype: "bool", shape: [3], data: Uint8Array.of(1, 0, 1) },
    empty: { dtype: "float32", shape: [0, 3], data: new Float32Array(0) },
    pix: { dtype: "uint8", shape: [2], data: Uint8Array.of(0, 255) },
    d: { dtype: "float64", shape: [1], data: Float64Array.of(0.1) },
  } satisfies Record<string, NamedTensor>,
};

test("reads a file of the format's own library", () => {
  expect(parseSafetensors(FILE)).toEqual(CONTENT);
});

test("writes the same bytes as the format's own library", () => {
  expect([...encodeSafetensors(CONTENT)]).toEqual([...FILE]);
});

test("round trip of any shapes, also from a view into a larger array", () => {
  const array = fc
    .array(fc.nat(3), { maxLength: 3 })
    .map((shape) => ({ shape, size: shape.reduce((a, b) => a * b, 1) }));
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.string().filter((s) => s !== "__proto__"),
        array,
      ),
      (shapes) => {
        const tensors = Object.fromEntries(
          Object.entries(shapes).map(([name, { shape, size }], i) => {
            const data = Float32Array.from({ length: size + 1 }, (_, k) => k + i / 4).subarray(1);
            return [name, { dtype: "float32", shape, data } satisfies NamedTensor];
          }),
        );
        expect(parseSafetensors(encodeSafetensors({ tensors })).tensors).toEqual(tensors);
      },
    ),
  );
});

const withHeader = (header: unknown, values = 0): Uint8Array => {
  const json = new TextEncoder().encode(
    typeof header === "string" ? header : JSON.stringify(header),
  );
  const bytes = new Uint8Array(8 + json.length + values);
  bytes[0] = json.length;
  bytes.set(json, 8);
  return bytes;
};

test.for<[string, Uint8Array, string]>([
  ["an empty file", new Uint8Array(0), "expected a whole safetensors file, found 0 bytes"],
  ["a cut header", FILE.slice(0, 100), "found 100 bytes, of which the header should have 464"],
  [
    "cut values",
    FILE.slice(0, -1),
    'tensor "mask": expected 3 bytes for [3], found bytes 34 to 37 of 36',
  ],
  [
    "more bytes",
    Uint8Array.of(...FILE, 0),
    `expected ${FILE.length} bytes, found ${FILE.length + 1}`,
  ],
  ["no JSON", withHeader("{]"), "found no JSON header"],
  ["a list", withHeader([]), "found no JSON header"],
  [
    "half precision",
    withHeader({ w: { dtype: "F16", shape: [1], data_offsets: [0, 2] } }, 2),
    'tensor "w": expected one of F64, F32, I32, U8, BOOL, found F16',
  ],
  [
    "a shape that does not fit",
    withHeader({ w: { dtype: "F32", shape: [2], data_offsets: [0, 4] } }, 4),
    'tensor "w": expected 8 bytes for [2], found bytes 0 to 4 of 4',
  ],
  [
    "no offsets",
    withHeader({ w: { dtype: "F32", shape: [2] } }),
    'tensor "w": expected dtype, shape',
  ],
  ["metadata of numbers", withHeader({ __metadata__: { a: 1 } }), "expected text in __metadata__"],
])("names the file and what is wrong with %s", ([, bytes, message]) => {
  expect(() => parseSafetensors(bytes, "w.safetensors")).toThrow(/^w\.safetensors: /);
  expect(() => parseSafetensors(bytes, "w.safetensors")).toThrow(message);
});

test("data that does not have the size of its shape is not written", () => {
  const w = { dtype: "float32", shape: [2, 3], data: new Float32Array(5) } as const;
  expect(() => encodeSafetensors({ tensors: { w } })).toThrow(
    'safetensors: expected 6 values for "w" [2, 3], got 5',
  );
});
