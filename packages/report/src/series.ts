import { element } from "./escape-html.ts";
import { FONT_SIZE, fit, rule, text, textWidth } from "./svg.ts";

interface SeriesStyle {
  readonly light: string;
  readonly dark: string;
  readonly dash: string;
}

// Okabe & Ito, "Color Universal Design" (2008), https://jfly.uni-koeln.de/color/, without the
// colours too faint on each background; dashes tell curves apart in black and white as well.
const STYLES: readonly SeriesStyle[] = [
  { light: "#0072b2", dark: "#56b4e9", dash: "" },
  { light: "#d55e00", dark: "#e69f00", dash: "7 3" },
  { light: "#009e73", dark: "#009e73", dash: "2 3" },
  { light: "#cc79a7", dark: "#cc79a7", dash: "9 3 2 3" },
  { light: "#e69f00", dark: "#f0e442", dash: "4 2" },
  { light: "#56b4e9", dark: "#d55e00", dash: "9 3 2 3 2 3" },
  { light: "#000000", dark: "#ffffff", dash: "12 4" },
];

/** Returns the attributes that give a group the colour of the i-th series, on light paper. */
export function seriesColor(i: number): { readonly class: string; readonly color: string } {
  const index = i % STYLES.length;
  return { class: `series-${index}`, color: STYLES[index]?.light ?? "" };
}

/** Returns the dash pattern of the i-th series, `"none"` for a solid line. */
export function seriesDash(i: number): string {
  // A second round through the colours shifts the dashes, so that no two of 49 series look alike.
  const shift = Math.floor(i / STYLES.length);
  return STYLES[(i + shift) % STYLES.length]?.dash || "none";
}

/** Holds the style rules that replace the series' colours on a dark page. */
export const DARK_SERIES_CSS: string = STYLES.map(
  ({ dark }, i) => `.series-${i}{color:${dark}}`,
).join("");

/** Is a drawn legend and the height it takes. */
export interface Legend {
  /** Its elements. */
  readonly body: string;
  /** Pixels it takes at the top. */
  readonly height: number;
}

/** Draws a legend in as many rows as the width asks for; none for a single series. */
export function legend(labels: readonly string[], width: number, swatch: "line" | "box"): Legend {
  if (labels.length < 2) return { body: "", height: 0 };
  const rowHeight = FONT_SIZE + 8;
  const swatchWidth = swatch === "line" ? 28 : 12;
  let [x, y] = [0, rowHeight / 2];
  const entries = labels.map((label, i) => {
    const shown = fit(label, width - swatchWidth - 6);
    const entryWidth = swatchWidth + 6 + textWidth(shown) + 16;
    if (x > 0 && x + entryWidth - 16 > width) [x, y] = [0, y + rowHeight];
    const mark =
      swatch === "line"
        ? rule(x, y, x + swatchWidth, y, { "stroke-width": 2, "stroke-dasharray": seriesDash(i) })
        : element("rect", { x, y: y - 6, width: 12, height: 12, fill: "currentColor" });
    const entry =
      element("g", seriesColor(i), mark) + text(x + swatchWidth + 6, y + FONT_SIZE * 0.36, shown);
    x += entryWidth;
    return entry;
  });
  return { body: entries.join(""), height: y + rowHeight / 2 + 6 };
}
