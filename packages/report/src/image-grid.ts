import { base64 } from "./base64.ts";
import { element, escapeHtml } from "./escape-html.ts";
import { type ColorScale, describeScale, imagePng, type Range, valueRange } from "./image-png.ts";

/** Is one row of an image grid. */
export interface ImageRow {
  /** Name of the row. Default none. */
  readonly label?: string;
  /** Values of each image, row-major, [height, width]. */
  readonly images: readonly ArrayLike<number>[];
}

/** Is a grid of small images of one size: filters, or originals above their reconstructions. */
export interface ImageGrid {
  /** Name of the figure. */
  readonly title: string;
  /** Rows of each image. */
  readonly height: number;
  /** Columns of each image. */
  readonly width: number;
  /** Rows of the grid, whose images stand below each other; a single row wraps. */
  readonly rows: readonly ImageRow[];
  /** Colour scale. Default `"gray"`. */
  readonly scale?: ColorScale;
  /**
   * Values at the ends of the scale: those of all images together, those of each image alone, or
   * given ones. Symmetric about 0 for `"diverging"`. Default `"shared"`.
   */
  readonly range?: "shared" | "each" | Range;
}

/** Makes the markup of an image grid, and the sentence that states its scale. */
export function imageGrid(grid: ImageGrid): { readonly body: string; readonly scaleNote: string } {
  const { title, height, width, rows, scale = "gray", range = "shared" } = grid;
  const shared =
    range === "each" ? undefined : range === "shared" ? sharedRange(rows, scale) : range;
  const tile = (pixels: ArrayLike<number>, row: string, i: number): string => {
    const png = imagePng(pixels, height, width, { scale, ...(shared && { range: shared }) });
    const alt = `${row || title} ${i + 1}`;
    return `<img src="data:image/png;base64,${base64(png)}" width="${width}" height="${height}" alt="${escapeHtml(alt)}">`;
  };
  const wraps = rows.length === 1;
  const columns = Math.max(...rows.map(({ images }) => images.length), 1);
  const body = rows.map(({ label = "", images }) => {
    const name = label && element("p", { class: "row-label" }, escapeHtml(label));
    const style = wraps ? undefined : `--columns:${columns}`;
    const tiles = images.map((pixels, i) => tile(pixels, label, i)).join("");
    return name + element("div", { class: wraps ? "tiles wrap" : "tiles", style }, tiles);
  });
  const labelled = rows.some(({ label }) => label);
  return {
    body: element("div", { class: labelled ? "grid labelled" : "grid" }, ...body),
    scaleNote: `Scale: ${shared ? `${describeScale(scale, shared)}, the same for all images` : eachNote(scale)}.`,
  };
}

const sharedRange = (rows: readonly ImageRow[], scale: ColorScale): Range =>
  valueRange(
    rows.flatMap(({ images }) => images),
    scale,
  );

const eachNote = (scale: ColorScale): string =>
  scale === "gray"
    ? "black and white are the smallest and largest value of each image"
    : "blue and vermilion are minus and plus the largest magnitude of each image, white 0";
