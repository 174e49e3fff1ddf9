// Oracle: the host's evaluation in float64, on the cases that all executors are tested with.
import { describe, test } from "vitest";
import { argReduceKernels } from "../../src/indexing/arg-reduce.ts";
import { cumulativeKernels } from "../../src/indexing/cumulative.ts";
import {
  dynamicSliceKernels,
  dynamicUpdateSliceKernels,
} from "../../src/indexing/dynamic-slice.ts";
import { gatherKernels } from "../../src/indexing/gather.ts";
import { scatterKernels } from "../../src/indexing/scatter.ts";
import { sortKernels } from "../../src/indexing/sort.ts";
import { reduceWindowKernels } from "../../src/window/reduce-window.ts";
import { selectAndGatherKernels } from "../../src/window/select-and-gather.ts";
import { selectAndScatterKernels } from "../../src/window/select-and-scatter.ts";
import { type AnyCase, allCases, sampleInputs } from "../support/autodiff.ts";
import { expectLikeHost, type Lower } from "./run-node.ts";

const LOWERINGS = {
  gather: gatherKernels,
  scatter: scatterKernels,
  dynamic_slice: dynamicSliceKernels,
  dynamic_update_slice: dynamicUpdateSliceKernels,
  sort: sortKernels,
  cumulative: cumulativeKernels,
  arg_reduce: argReduceKernels,
  reduce_window: reduceWindowKernels,
  select_and_scatter: selectAndScatterKernels,
  select_and_gather: selectAndGatherKernels,
} as const;

type Op = keyof typeof LOWERINGS;

// Sums of a few numbers; everything else only moves elements.
const TOLERANCE = 1e-6;
const SUMS: readonly Op[] = ["scatter", "cumulative", "reduce_window", "select_and_scatter"];
const IN_PLACE: readonly Op[] = ["scatter", "dynamic_update_slice", "cumulative"];

const check = (c: AnyCase, inPlace: boolean): void => {
  const lower = LOWERINGS[c.op as Op] as unknown as Lower<Op>;
  const options = { tolerance: SUMS.includes(c.op as Op) ? TOLERANCE : 0, inPlace };
  expectLikeHost(c.op as Op, lower, sampleInputs(c), c.attrs as never, options);
};

describe.for(Object.keys(LOWERINGS) as Op[])("%s", (op) => {
  const cases = allCases.filter((c) => c.op === op);
  test.for(cases.map((c) => [c.name, c] as const))("%s", ([, c]) => check(c, false));
  if (!IN_PLACE.includes(op)) return;
  test.for(cases.map((c) => [c.name, c] as const))("in place: %s", ([, c]) => check(c, true));
});
