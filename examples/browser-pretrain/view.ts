// The page: charts and images of @layerwise/report in plain DOM.
import { type ColorScale, imagePng, lineChartSvg, type Range, valueRange } from "@layerwise/report";
import type { Images } from "./pictures.ts";

const element = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;

/** Puts text into the element with an id. */
export const say = (id: string, text: string): void => {
  element(id).textContent = text;
};

/** Shows how much is done, from 0 to 1. */
export const showProgress = (done: number): void => {
  (element("progress") as HTMLProgressElement).value = done;
};

/** Draws the loss of each layer by epoch. */
export function drawLosses(losses: readonly (readonly number[])[]): void {
  if (!losses.some(({ length }) => length > 0)) return;
  const place = element("loss");
  place.innerHTML = lineChartSvg(
    {
      title: "Reconstruction loss",
      xLabel: "epoch",
      yLabel: "cross-entropy per digit (log scale)",
      yScale: "log",
      curves: losses.map((y, i) => ({ label: `layer ${i + 1}`, y })),
    },
    { width: place.clientWidth },
  );
}

/** Draws the weights of each unit as an image, all on one scale around 0. */
export function drawFilters(filters: Images): void {
  const range = valueRange(filters, "diverging");
  const images = filters.map((f, i) => image(f, `unit ${i + 1}`, "diverging", range));
  element("filters").replaceChildren(...images);
}

/** Draws rows of digits, one below the other. */
export function drawReconstructions(rows: Readonly<Record<string, Images>>): void {
  const content = Object.entries(rows).flatMap(([name, digits]) => {
    const label = document.createElement("p");
    label.textContent = name;
    const tiles = document.createElement("div");
    tiles.className = "tiles";
    tiles.append(...digits.map((d, i) => image(d, `digit ${i + 1}, ${name}`, "gray", [0, 1])));
    return [label, tiles];
  });
  element("reconstructions").replaceChildren(...content);
}

function image(pixels: Float32Array, alt: string, scale: ColorScale, range: Range): HTMLElement {
  const png = imagePng(pixels, 28, 28, { scale, range }) as Uint8Array<ArrayBuffer>;
  const img = new Image(28, 28);
  img.alt = alt;
  img.src = URL.createObjectURL(new Blob([png], { type: "image/png" }));
  img.onload = () => URL.revokeObjectURL(img.src);
  return img;
}
