// tfjs-core's own specs, which its npm package carries, are the oracle of what its operations mean.
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lowerings } from "../../src/trace/lower/index.ts";
import { BORROWED } from "./borrowed.ts";
import { bundleSpecs } from "./bundle.ts";
import { excluded } from "./excluded.ts";
import { MODES, type Mode, type SpecOutcome, type Stats } from "./modes.ts";
import { runSpecs } from "./run.ts";

// tfjs-core 4.22 has this many. Fewer would mean that the specs were not found.
const SPECS = 4225;
const TIMEOUT = 300_000;

let bundle = "";
beforeAll(async () => {
  bundle = await bundleSpecs();
});
afterAll(() => rm(dirname(bundle), { recursive: true, force: true }));

const did: { readonly [K in Mode]: (stats: Stats) => boolean } = {
  cpu: ({ graphs }) => graphs === 0,
  eager: ({ graphs }) => graphs > 20_000,
  // Whole graphs: far fewer, and some of them large.
  lazy: ({ graphs, largestGraph }) => graphs < 5_000 && largestGraph > 1_000,
  host: ({ graphs }) => graphs > 20_000,
  gradients: ({ gradients }) => gradients > 500,
};

const failures = (specs: readonly SpecOutcome[], reasons: Readonly<Record<string, string>>) =>
  specs
    .filter(({ name, status }) => status === "failed" && reasons[name] === undefined)
    .map(({ name, message }) => `${name}\n${message}`);

describe.concurrent("tfjs-core's specs", () => {
  test.for(MODES)("%s", { timeout: TIMEOUT }, async (mode, { annotate }) => {
    const { specs, stats } = await runSpecs(bundle, mode);
    const reasons = excluded[mode];
    const named = (status: SpecOutcome["status"]) => specs.filter((s) => s.status === status);
    const failed = new Set(named("failed").map(({ name }) => name));
    const stale = Object.keys(reasons).filter((name) => !failed.has(name));
    const numbers = `${named("passed").length} passed, ${failed.size} failed, ${Object.keys(reasons).length} excluded, ${named("pending").length} pending`;
    await annotate(`${mode}: ${numbers}`);
    expect(failures(specs, reasons), "specs that fail").toEqual([]);
    expect(stale, "excluded specs that pass or do not exist").toEqual([]);
    expect(specs.length).toBeGreaterThanOrEqual(SPECS);
    expect(did[mode](stats), JSON.stringify(stats)).toBe(true);
    const unknown = Object.keys(stats.borrowed).filter((k) => !BORROWED.has(k) && !lowerings[k]);
    expect(unknown, "kernels of cpu that ran in place of ours").toEqual([]);
  });
});
