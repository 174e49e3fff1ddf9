import { formatNumber, textTable } from "@layerwise/report";
import { expect, test } from "vitest";

test("columns of numbers are aligned right with as many decimals in each row", () => {
  const rows = [
    ["no pre-training", 1.644, 60_000],
    ["RBM", 1.2934, 100],
    ["DAE", 1.28, ""],
  ];
  expect(textTable(rows, { header: ["method", "error", "labels"] })).toBe(
    [
      "method           error  labels",
      "---------------  -----  ------",
      "no pre-training  1.644   60000",
      "RBM              1.293     100",
      "DAE              1.280",
    ].join("\n"),
  );
});

test("given alignments, missing cells, line breaks in cells and characters outside the BMP", () => {
  expect(textTable([["a", "b\nc"], ["𝑥𝑦𝑧"]], { align: ["right", "center"] })).toBe("  a  b c\n𝑥𝑦𝑧");
  expect(textTable([["a"], ["abc"]], { align: ["center"] })).toBe(" a\nabc");
  expect(textTable([])).toBe("");
});

test("no decimals are made up where sizes differ widely", () => {
  expect(textTable([[12345.678], [0.001234]])).toBe("   12350\n0.001234");
  expect(textTable([[1e-9], [1]])).toBe("1e-9\n   1");
  expect(textTable([[Number.NaN], [1.5]])).toBe("NaN\n1.5");
});

test.for([
  [0.123456, "0.1235"],
  [-0.5, "-0.5"],
  [1.5e-7, "1.5e-7"],
  [60000, "60000"],
  [123456.7, "123500"],
  [Number.NaN, "NaN"],
  [Number.NEGATIVE_INFINITY, "-Infinity"],
] as const)("formatNumber(%d) is %s", ([value, text]) => {
  expect(formatNumber(value)).toBe(text);
});
