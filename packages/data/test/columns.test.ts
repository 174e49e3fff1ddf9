import { columnStats, minMaxScale, oneHot, standardize } from "@layerwise/data";
import { expect, test } from "vitest";

// Columns 2 4 4 4 5 5 7 9 (mean 5, population standard deviation 2: the textbook example) and a constant.
const values = Float32Array.from([2, 4, 4, 4, 5, 5, 7, 9].flatMap((x) => [x, 3]));

test("columnStats gives the textbook example's mean 5 and standard deviation 2", () => {
  expect(columnStats(values, 2)).toEqual({ mean: [5, 3], std: [2, 0], min: [2, 3], max: [9, 3] });
});

test("standardize and minMaxScale apply the fitted formulas, also to new values", () => {
  const stats = columnStats(values, 2);
  expect(standardize(Float32Array.of(9, 3, 1, 4), stats)).toEqual(Float32Array.of(2, 0, -2, 1));
  expect(minMaxScale(Float32Array.of(9, 3, -5, 4), stats)).toEqual(Float32Array.of(1, 0, -1, 1));
});

test("the variance survives a mean 1e8 times larger than the spread (two passes)", () => {
  expect(columnStats([1e8 + 1, 1e8 + 3], 1)).toMatchObject({ mean: [1e8 + 2], std: [1] });
});

test("a constant column that is not a float64 sum exactly still has standard deviation 0", () => {
  expect(columnStats(new Array<number>(10).fill(0.1), 1).std).toEqual([0]);
});

test("refuses values that are not whole rows, and no rows", () => {
  expect(() => columnStats([1, 2, 3], 2)).toThrow(
    "columnStats: expected rows of 2 numbers, got 3 numbers",
  );
  expect(() => columnStats([], 2)).toThrow("columnStats: expected at least one row, got none");
  expect(() => standardize([1], columnStats(values, 2))).toThrow(
    "standardize: expected rows of 2 numbers, got 1 numbers",
  );
});

test("oneHot puts a single 1 in the label's column", () => {
  expect([...oneHot(Uint8Array.of(2, 0), 3)]).toEqual([0, 0, 1, 1, 0, 0]);
  expect(() => oneHot([0, 3], 3)).toThrow("oneHot: expected labels in [0, 3), got 3 at 1");
});
