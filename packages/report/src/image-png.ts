import { encode } from "fast-png";
import { formatNumber } from "./format-number.ts";

/** Names a colour scale: black to white, or blue through white at 0 to vermilion. */
export type ColorScale = "gray" | "diverging";

/** Is an interval of values; what lies outside is shown as its nearer end. */
export type Range = readonly [low: number, high: number];

type Rgb = readonly [number, number, number];

// Blue and vermilion of Okabe & Ito, "Color Universal Design" (2008), which people with any of the
// common colour vision deficiencies can tell apart; purple from the same set marks NaN and infinity.
const STOPS: Readonly<Record<ColorScale, readonly [Rgb, Rgb, Rgb]>> = {
  gray: [
    [0, 0, 0],
    [127.5, 127.5, 127.5],
    [255, 255, 255],
  ],
  diverging: [
    [0, 114, 178],
    [255, 255, 255],
    [213, 94, 0],
  ],
};
const NOT_FINITE: Rgb = [204, 121, 167];

/**
 * Encodes a matrix of values as a PNG image.
 *
 * @param pixels Values, row-major, [height, width].
 * @param height Rows.
 * @param width Columns.
 * @param options.scale Colour scale. Default `"gray"`.
 * @param options.range Values at the two ends of the scale. Default {@link valueRange} of the pixels.
 * @returns The bytes of a PNG file. NaN and infinities are purple.
 * @throws RangeError when the number of pixels does not match the size.
 *
 * @example
 * ```ts
 * import { imagePng } from "@layerwise/report";
 *
 * const png = imagePng([0, 0.5, 0.5, 1], 2, 2);
 * if (png[1] !== 0x50 || png[2] !== 0x4e || png[3] !== 0x47) throw new Error("not a PNG");
 * ```
 */
export function imagePng(
  pixels: ArrayLike<number>,
  height: number,
  width: number,
  {
    scale = "gray",
    range = valueRange([pixels], scale),
  }: { readonly scale?: ColorScale; readonly range?: Range } = {},
): Uint8Array {
  if (pixels.length !== height * width) {
    throw new RangeError(
      `imagePng: expected ${height * width} pixels for [${height}, ${width}], got ${pixels.length}`,
    );
  }
  const data = new Uint8Array(3 * pixels.length);
  for (let i = 0; i < pixels.length; i++) data.set(color(pixels[i] as number, scale, range), 3 * i);
  return encode({ width, height, data, channels: 3, depth: 8 });
}

/**
 * Returns the range of finite values in some images that a colour scale should span.
 *
 * Smallest to largest value for `"gray"`; −m to m with m the largest magnitude for `"diverging"`,
 * so that 0 is white.
 *
 * @example
 * ```ts
 * import { valueRange } from "@layerwise/report";
 *
 * if (valueRange([[-3, 1], [2, 0]], "diverging").join() !== "-3,3") throw new Error("wrong");
 * ```
 */
export function valueRange(images: readonly ArrayLike<number>[], scale: ColorScale): Range {
  let low = Infinity;
  let high = -Infinity;
  for (const pixels of images) {
    for (let i = 0; i < pixels.length; i++) {
      const value = pixels[i] as number;
      if (!Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low > high) return scale === "gray" ? [0, 1] : [-1, 1];
  if (scale === "gray") return [low, high];
  const magnitude = Math.max(Math.abs(low), Math.abs(high));
  return [-magnitude, magnitude];
}

/** Says in words what the ends of a scale mean. */
export function describeScale(scale: ColorScale, [low, high]: Range): string {
  const [from, to] = [formatNumber(low), formatNumber(high)];
  return scale === "gray"
    ? `black ${from}, white ${to}`
    : `blue ${from}, white ${formatNumber((low + high) / 2)}, vermilion ${to}`;
}

function color(value: number, scale: ColorScale, [low, high]: Range): Rgb {
  if (!Number.isFinite(value)) return NOT_FINITE;
  // A constant image has no range: it is shown as the middle of the scale.
  const t = high > low ? Math.min(Math.max((value - low) / (high - low), 0), 1) : 0.5;
  const [start, middle, end] = STOPS[scale];
  const mix = (a: number, b: number, s: number): number => Math.round(a + (b - a) * s);
  const [a, b, s] = t < 0.5 ? [start, middle, 2 * t] : [middle, end, 2 * t - 1];
  return [mix(a[0], b[0], s), mix(a[1], b[1], s), mix(a[2], b[2], s)];
}
