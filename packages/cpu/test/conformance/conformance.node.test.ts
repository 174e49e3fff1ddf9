// tfjs-core's own specs, which its npm package carries, are the oracle of what its operations mean.
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
// @boundaries-ignore autodiff's harness for the specs
import { bundleSpecs } from "../../../autodiff/test/conformance/bundle.ts";
// @boundaries-ignore autodiff's harness for the specs
import { runSpecs } from "../../../autodiff/test/conformance/run.ts";
import { excluded } from "./excluded.ts";
import type { Report, SpecOutcome, Stats } from "./task.ts";

// tfjs-core 4.22 has this many. Fewer would mean that the specs were not found.
const SPECS = 4225;
const TIMEOUT = 300_000;

let bundle = "";
beforeAll(async () => {
  bundle = await bundleSpecs(new URL("worker.ts", import.meta.url));
});
afterAll(() => rm(dirname(bundle), { recursive: true, force: true }));

const did: Readonly<Record<"eager" | "lazy" | "gradients", (stats: Stats) => boolean>> = {
  eager: ({ runs }) => runs > 15_000,
  // Whole graphs: far fewer, and some of them large.
  lazy: ({ runs, largestGraph }) => runs < 6_000 && largestGraph > 500,
  // Differentiated by the rules of the graph, each compiled as one program.
  gradients: ({ gradients }) => gradients > 500,
};

const failures = (specs: readonly SpecOutcome[], reasons: Readonly<Record<string, string>>) =>
  specs
    .filter(({ name, status }) => status === "failed" && reasons[name] === undefined)
    .map(({ name, message }) => `${name}\n${message}`);

describe.concurrent("tfjs-core's specs on the backend", () => {
  test.for(["eager", "lazy", "gradients"] as const)(
    "%s",
    { timeout: TIMEOUT },
    async (mode, { annotate }) => {
      const { specs, stats } = await runSpecs<Report>(bundle, mode);
      const reasons = excluded[mode];
      const named = (status: SpecOutcome["status"]) => specs.filter((s) => s.status === status);
      const failed = new Set(named("failed").map(({ name }) => name));
      const stale = Object.keys(reasons).filter((name) => !failed.has(name));
      const numbers = `${named("passed").length} passed, ${failed.size} failed, ${Object.keys(reasons).length} excluded, ${named("pending").length} pending`;
      await annotate(`${mode}: ${numbers}; ${JSON.stringify(stats)}`);
      expect(failures(specs, reasons), "specs that fail").toEqual([]);
      expect(stale, "excluded specs that pass or do not exist").toEqual([]);
      expect(specs.length).toBeGreaterThanOrEqual(SPECS);
      expect(did[mode](stats), JSON.stringify(stats)).toBe(true);
      expect(stats.regions, "regions left in the heap").toBe(0);
    },
  );
});
