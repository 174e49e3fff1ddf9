import { boxStats } from "@layerwise/report";
import { expect, test } from "vitest";

test("quartiles of 1 … 10 are R's type 7: 3.25, 5.5, 7.75", () => {
  expect(boxStats([10, 9, 8, 7, 6, 5, 4, 3, 2, 1])).toEqual({
    count: 10,
    q1: 3.25,
    median: 5.5,
    q3: 7.75,
    low: 1,
    high: 10,
    outliers: [],
  });
});

test("values beyond 1.5 interquartile ranges are outliers, by hand: q1 2, q3 4, fences -1 and 7", () => {
  expect(boxStats([1, 2, 3, 4, 100])).toMatchObject({
    q1: 2,
    q3: 4,
    low: 1,
    high: 4,
    outliers: [100],
  });
  expect(boxStats([3, 2, 4, -1, 7])).toMatchObject({ low: -1, high: 7, outliers: [] });
});

test("values that are not finite are left out; none left gives undefined", () => {
  expect(boxStats([Number.NaN, 5, Number.POSITIVE_INFINITY])).toMatchObject({
    count: 1,
    median: 5,
  });
  expect(boxStats([Number.NaN])).toBeUndefined();
});
