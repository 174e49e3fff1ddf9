import {
  advanceProgress,
  estimateProgress,
  formatDuration,
  formatProgress,
  type Progress,
  startProgress,
} from "@layerwise/report";
import * as fc from "fast-check";
import { expect, test } from "vitest";

/** Runs units of the given lengths in milliseconds, reporting after each. */
const run = (total: number, durations: readonly number[]): Progress => {
  let progress = startProgress(total, 1000);
  let time = 1000;
  for (const [i, duration] of durations.entries()) {
    time += duration;
    progress = advanceProgress(progress, i + 1, time);
  }
  return progress;
};

test("equal units: the time left is exactly what is left (closed form)", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 300 }), fc.integer({ min: 1, max: 5000 }), (n, ms) => {
      const total = 2 * n;
      const { remaining, rate, fraction, elapsed } = estimateProgress(
        run(total, Array<number>(n).fill(ms)),
      );
      expect(remaining).toBeCloseTo((n * ms) / 1000, 6);
      expect(rate).toBeCloseTo(1000 / ms, 6);
      expect([fraction, elapsed]).toEqual([0.5, (n * ms) / 1000]);
    }),
  );
});

test("a slow first unit is left out from the second on", () => {
  expect(estimateProgress(run(10, [30_000])).remaining).toBeUndefined();
  for (const n of [2, 3, 7]) {
    const { remaining } = estimateProgress(run(10, [30_000, ...Array<number>(n - 1).fill(100)]));
    expect(remaining).toBeCloseTo((10 - n) * 0.1, 9);
  }
});

test("a slow start is forgotten also when a hundred thousand units report often", () => {
  let progress = startProgress(100_000, 0);
  for (let done = 1; done <= 500; done++) {
    progress = advanceProgress(progress, done, 60_000 + done);
  }
  expect(estimateProgress(progress).remaining).toBeCloseTo(99.5, 6);
});

test("work that recurs every tenth unit is averaged in", () => {
  // Nine units of 1 s and one of 11 s: 2 s on average; the later half of 40 units is two full rounds.
  const durations = Array.from({ length: 40 }, (_, i) => (i % 10 === 9 ? 11_000 : 1000));
  expect(estimateProgress(run(60, durations)).remaining).toBeCloseTo(40, 9);
});

test("the history stays small however often it is called", () => {
  let progress = startProgress(1e6, 0);
  for (let done = 1; done <= 20_000; done++) progress = advanceProgress(progress, done, done);
  for (let done = 21_000; done <= 1e6; done += 1000)
    progress = advanceProgress(progress, done, done);
  expect(progress.samples.length).toBeLessThan(300);
  expect(progress.samples.at(-1)).toEqual({ done: 1e6, time: 1e6 });
});

test("time passes between readings, but the time left is never negative", () => {
  const progress = run(4, [1000, 1000]);
  expect(estimateProgress(progress, 3500)).toMatchObject({ remaining: 1.5, elapsed: 2.5 });
  expect(estimateProgress(progress, 60_000).remaining).toBe(0);
});

test("a resumed run counts only its own units in the rate", () => {
  let progress = startProgress(100, 0, 90);
  for (const done of [91, 92, 93]) progress = advanceProgress(progress, done, (done - 90) * 2000);
  expect(estimateProgress(progress)).toMatchObject({ fraction: 0.93, rate: 0.5, remaining: 14 });
});

test("a finished run, an empty run and a clock set back", () => {
  expect(estimateProgress(run(2, [5, 5]))).toMatchObject({ fraction: 1, remaining: 0 });
  expect(estimateProgress(startProgress(0, 0))).toMatchObject({ fraction: 1, remaining: 0 });
  const back = advanceProgress(advanceProgress(startProgress(5, 100), 1, 200), 2, 50);
  expect(estimateProgress(back)).toMatchObject({ elapsed: 0.1, remaining: undefined });
});

test("refuses counts that go backwards or past the total", () => {
  const progress = run(5, [1, 1]);
  expect(() => advanceProgress(progress, 1, 9)).toThrow(
    "advanceProgress: expected done in [2, 5], got 1",
  );
  expect(() => advanceProgress(progress, 6, 9)).toThrow("got 6");
  expect(() => startProgress(Number.NaN, 0)).toThrow(
    "startProgress: expected a finite total >= 0, got NaN",
  );
});

test.for([
  [0, "0:00"],
  [59.6, "1:00"],
  [75, "1:15"],
  [3599.4, "59:59"],
  [3600, "1:00:00"],
  [90_061, "1 day 1:01:01"],
  [172_800, "2 days 0:00:00"],
  [Number.POSITIVE_INFINITY, "unknown"],
] as const)("formatDuration(%d) is %s", ([seconds, text]) => {
  expect(formatDuration(seconds)).toBe(text);
});

test("formatProgress: while estimating, under way (rounded down) and done", () => {
  expect(formatProgress(estimateProgress(startProgress(10, 0)), { barWidth: 4 })).toBe(
    "[    ]  0%  0/10  estimating",
  );
  const line = { done: 999, total: 1000, fraction: 0.999, elapsed: 9, rate: 111.11, remaining: 65 };
  expect(formatProgress(line, { barWidth: 10, label: "RBM 2/3", unit: "batch" })).toBe(
    "RBM 2/3  [========= ]  99%  999/1000  111 batch/s  1:05 left",
  );
  expect(formatProgress(estimateProgress(run(2, [1000, 1000])), { barWidth: 0 })).toBe(
    "100%  2/2  1 it/s  0:02 in all",
  );
});
