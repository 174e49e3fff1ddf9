import { describe, expect, test } from "vitest";
import { rows } from "./rows/index.ts";
import { eagerDifferences, float64Differences, goldenCases, idOf } from "./support/golden.ts";
import "./setup.ts";

// Parameters after k updates with 50 given gradients, in float64, by optax's own source on numpy,
// PyTorch 1.13, and update rules written out in numpy (`fixtures/optimizers.json`).
// f32 tolerances: PyTorch's own f32 run differs from its f64 run by 1.4e-7, 1.3e-6 and 1.7e-5 at
// steps 1, 10 and 50.
const FLOAT32 = [1e-6, 5e-6, 5e-5] as const;

const table = rows.flatMap(({ name, golden = {}, float64Tolerance, float32Tolerances }) =>
  Object.entries(golden).map(([id, make]) => ({
    id,
    name,
    make,
    float64: float64Tolerance ?? 1e-12,
    float32: float32Tolerances ?? FLOAT32,
  })),
);

test("every golden case is compared", () => {
  const compared = new Set(table.map(({ id }) => id));
  expect(goldenCases.map(idOf).filter((id) => !compared.has(id))).toEqual([]);
  expect([...compared].filter((id) => !goldenCases.some((c) => idOf(c) === id))).toEqual([]);
});

describe.each(table)("$name: $id", ({ id, make, float64, float32 }) => {
  const golden = goldenCases.find((c) => idOf(c) === id);
  if (golden === undefined) return;

  test("the trajectory is that of the oracle, in float64", () => {
    const seen = float64Differences(make(), golden);
    expect(Object.keys(seen)).toEqual(Object.keys(golden.trajectory));
    for (const [step, distance] of Object.entries(seen)) {
      expect(distance, `step ${step}`).toBeLessThan(float64);
    }
  });

  test("and in float32, within its roundings", () => {
    for (const [step, distance] of Object.entries(eagerDifferences(make(), golden))) {
      const tolerance = float32[Number(step) < 3 ? 0 : Number(step) <= 10 ? 1 : 2];
      expect(distance, `step ${step}`).toBeLessThan(tolerance);
    }
  });
});
