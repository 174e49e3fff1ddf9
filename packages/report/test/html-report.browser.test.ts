import { boxPlotSvg, htmlReport, lineChartSvg } from "@layerwise/report";
import { expect, test } from "vitest";

// Oracle: the browser's own parsers and image decoder.
test("charts are well-formed XML on their own", () => {
  const evil = `<b>&"'\u0000`;
  const drawings = [
    lineChartSvg({ title: evil, xLabel: evil, yLabel: evil, curves: [{ label: evil, y: [1, 2] }] }),
    boxPlotSvg({
      title: evil,
      xLabel: evil,
      yLabel: evil,
      series: [evil],
      groups: [{ label: evil, values: [[1, 2, 3, 4, 5]] }],
    }),
  ];
  for (const svg of drawings) {
    const parsed = new DOMParser().parseFromString(svg, "image/svg+xml");
    expect(parsed.querySelector("parsererror")).toBeNull();
    expect(parsed.documentElement.tagName).toBe("svg");
  }
});

test("images in the page decode to their size", async () => {
  const html = htmlReport({
    title: "t",
    sections: [
      {
        kind: "imageGrid",
        title: "i",
        height: 2,
        width: 3,
        rows: [{ images: [[1, 2, 3, 4, 5, 6]] }],
      },
    ],
  });
  const source = new DOMParser().parseFromString(html, "text/html").querySelector("img")?.src ?? "";
  const image = new Image();
  image.src = source;
  await image.decode();
  expect([image.naturalWidth, image.naturalHeight]).toEqual([3, 2]);
});
