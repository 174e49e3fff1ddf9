import { crc32, inflateSync } from "node:zlib";
import { imagePng, valueRange } from "@layerwise/report";
import { expect, test } from "vitest";

/** Decodes an 8-bit RGB PNG without filters, by the PNG specification, with Node's zlib. */
function decode(png: Uint8Array): { width: number; height: number; rgb: number[][] } {
  expect([...png.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const chunks = new Map<string, Uint8Array>();
  for (let at = 8; at < png.length; ) {
    const length = view.getUint32(at);
    const body = png.subarray(at + 4, at + 8 + length);
    expect(view.getUint32(at + 8 + length)).toBe(crc32(body));
    chunks.set(String.fromCharCode(...body.subarray(0, 4)), body.subarray(4));
    at += 12 + length;
  }
  const header = chunks.get("IHDR") as Uint8Array;
  const size = new DataView(header.buffer, header.byteOffset);
  const [width, height] = [size.getUint32(0), size.getUint32(4)];
  // Bit depth 8, colour type 2 (RGB), deflate, adaptive filtering, not interlaced.
  expect([...header.subarray(8)]).toEqual([8, 2, 0, 0, 0]);
  const raw = inflateSync(chunks.get("IDAT") as Uint8Array);
  expect(raw.length).toBe(height * (1 + 3 * width));
  const rgb: number[][] = [];
  for (let y = 0; y < height; y++) {
    const row = y * (1 + 3 * width);
    expect(raw[row]).toBe(0);
    for (let x = 0; x < width; x++) rgb.push([...raw.subarray(row + 1 + 3 * x, row + 4 + 3 * x)]);
  }
  return { width, height, rgb };
}

test("gray: the smallest value is black, the largest white, linear between", () => {
  expect(decode(imagePng([-1, 0, 1, -0.5, 0.5, 1], 2, 3))).toEqual({
    width: 3,
    height: 2,
    rgb: [
      [0, 0, 0],
      [128, 128, 128],
      [255, 255, 255],
      [64, 64, 64],
      [191, 191, 191],
      [255, 255, 255],
    ],
  });
});

test("diverging: 0 is white and the ends, at plus and minus the largest magnitude, blue and vermilion", () => {
  const { rgb } = decode(imagePng([-2, 0, 1, 2], 1, 4, { scale: "diverging" }));
  expect(rgb).toEqual([
    [0, 114, 178],
    [255, 255, 255],
    [234, 175, 128],
    [213, 94, 0],
  ]);
  const { rgb: lopsided } = decode(imagePng([0, 4], 1, 2, { scale: "diverging" }));
  expect(lopsided[0]).toEqual([255, 255, 255]);
});

test("a given range clips; a constant image is the middle; values that are not finite are purple", () => {
  expect(decode(imagePng([-9, 9], 1, 2, { range: [0, 1] })).rgb).toEqual([
    [0, 0, 0],
    [255, 255, 255],
  ]);
  expect(decode(imagePng([7, Number.NaN], 1, 2)).rgb).toEqual([
    [128, 128, 128],
    [204, 121, 167],
  ]);
});

test("valueRange spans all images, symmetrically for diverging", () => {
  const images = [
    [-3, Number.NaN],
    [1, 2],
  ];
  expect(valueRange(images, "gray")).toEqual([-3, 2]);
  expect(valueRange(images, "diverging")).toEqual([-3, 3]);
  expect(valueRange([], "gray")).toEqual([0, 1]);
});

test("refuses a wrong number of pixels", () => {
  expect(() => imagePng([1, 2, 3], 2, 2)).toThrow("imagePng: expected 4 pixels for [2, 2], got 3");
});
