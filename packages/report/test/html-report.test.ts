import { htmlReport, type Report } from "@layerwise/report";
import { expect, test } from "vitest";

const EVIL = `<script>alert("1")</script> & 'x'`;
const report: Report = {
  title: EVIL,
  summary: EVIL,
  facts: [[EVIL, EVIL]],
  language: "en",
  footer: EVIL,
  sections: [
    { kind: "paragraph", title: EVIL, text: `${EVIL}\n\nsecond` },
    {
      kind: "table",
      title: EVIL,
      columns: [EVIL, "n"],
      rows: [
        [EVIL, 1],
        ["b", 2.5],
      ],
      caption: EVIL,
    },
    {
      kind: "lineChart",
      title: EVIL,
      xLabel: EVIL,
      yLabel: EVIL,
      caption: EVIL,
      curves: [
        { label: EVIL, y: [1, 2], low: [0, 1], high: [2, 3] },
        { label: "b", x: [2, 5], y: [3, 4] },
      ],
    },
    {
      kind: "boxPlot",
      title: EVIL,
      xLabel: EVIL,
      yLabel: EVIL,
      series: [EVIL, "b"],
      groups: [{ label: EVIL, values: [[1, 2, 3, 4, 5], [1]] }],
    },
    {
      kind: "imageGrid",
      title: EVIL,
      height: 1,
      width: 2,
      caption: EVIL,
      rows: [
        { label: EVIL, images: [[0, 1]] },
        { label: "b", images: [[1, 0]] },
      ],
    },
  ],
};
const page = htmlReport(report);

test("all text is escaped", () => {
  expect(page).not.toMatch(/<script/i);
  expect(page).not.toContain(`alert("1")`);
  expect(page).toContain(
    "<title>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;</title>",
  );
});

test("control characters that XML forbids become replacement characters", () => {
  expect(htmlReport({ title: "a\u0000b\u001b", sections: [] })).toContain(
    "<h1>a\ufffdb\ufffd</h1>",
  );
});

test("nothing is loaded: no address but data: images and the SVG namespace", () => {
  const rest = page.replaceAll("http://www.w3.org/2000/svg", "");
  expect(rest).not.toMatch(/https?:|url\(|@import|<link|<iframe|href=/i);
  const sources = [...page.matchAll(/ src="([^"]{0,22})/g)].map((m) => m[1]);
  expect(sources).toEqual(["data:image/png;base64,", "data:image/png;base64,"]);
  expect(page).toContain(`content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"`);
});

test("elements are closed in order", () => {
  const open: string[] = [];
  const body = page.replace(/<style>[\s\S]*<\/style>/, "");
  for (const [, slash, name = ""] of body.matchAll(/<(\/?)([a-z0-9]+)/g)) {
    if (["meta", "img"].includes(name)) continue;
    if (slash) expect(open.pop()).toBe(name);
    else open.push(name);
  }
  expect(open).toEqual([]);
});

test("ids are unique, and every reference has its target", () => {
  const ids = [...page.matchAll(/ id="([^"]*)"/g)].map((m) => m[1]);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [, names = ""] of page.matchAll(/aria-labelledby="([^"]*)"/g)) {
    for (const name of names.split(" ")) expect(ids).toContain(name);
  }
});

test("every chart has a title, a description and its numbers as a table", () => {
  for (const svg of page.match(/<svg[\s\S]*?<\/svg>/g) ?? []) {
    expect(svg).toMatch(/role="img"/);
    expect(svg).toMatch(/<title id=/);
    expect(svg).toMatch(/<desc id=/);
  }
  expect(page.match(/<svg/g)).toHaveLength(4);
  expect(page.match(/<details>/g)).toHaveLength(2);
  // x = 1, 2 of the first curve and 2, 5 of the second make three rows.
  expect(page).toMatch(/<td class="right">1<\/td><td>1 \(0 to 2\)<\/td><td class="right"><\/td>/);
  expect(page).toMatch(/<td class="right">2<\/td><td>2 \(1 to 3\)<\/td><td class="right">3<\/td>/);
  expect(page).toMatch(/<td class="right">5<\/td><td><\/td><td class="right">4<\/td>/);
});

test("the scale of images is stated", () => {
  const scaleOf = (more: object): string | undefined => {
    const section = {
      kind: "imageGrid",
      title: "t",
      height: 1,
      width: 2,
      rows: [{ images: [[-1, 3]] }],
    };
    const html = htmlReport({
      title: "",
      sections: [{ ...section, ...more } as Report["sections"][number]],
    });
    return /<figcaption>([^<]*)/.exec(html)?.[1];
  };
  expect(scaleOf({})).toBe("Scale: black -1, white 3, the same for all images.");
  expect(scaleOf({ scale: "diverging" })).toBe(
    "Scale: blue -3, white 0, vermilion 3, the same for all images.",
  );
  expect(scaleOf({ range: [0, 1] })).toBe("Scale: black 0, white 1, the same for all images.");
  expect(scaleOf({ scale: "diverging", range: "each" })).toBe(
    "Scale: blue and vermilion are minus and plus the largest magnitude of each image, white 0.",
  );
});

test("a long curve has a table of at most 100 rows, and says so", () => {
  const y = Array.from({ length: 1000 }, (_, i) => i);
  const html = htmlReport({
    title: "",
    sections: [
      { kind: "lineChart", title: "t", xLabel: "x", yLabel: "y", curves: [{ label: "c", y }] },
    ],
  });
  expect(html.match(/<tr>/g)).toHaveLength(101);
  expect(html).toContain("100 of 1000 rows, evenly chosen.");
});

test("the page is a function of its content", () => {
  expect(htmlReport(report)).toBe(page);
});
