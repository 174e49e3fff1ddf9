import { bool, type Case, call, distinct, f, i, of } from "../case.ts";

const folds = ["Sum", "Mean", "Prod", "Min", "Max"];
const axisName = (kernel: string): string => (kernel === "Max" ? "reductionIndices" : "axis");

const folded = folds.flatMap((kernel): Case[] => {
  const axes = (axis: unknown, keepDims = false) => ({ [axisName(kernel)]: axis, keepDims });
  return [
    call(kernel, "all axes", { x: f([2, 3, 4]) }, axes([0, 1, 2])),
    call(kernel, "the last axis", { x: f([2, 3, 4]) }, axes(-1)),
    call(kernel, "outer axes kept", { x: f([2, 3, 4]) }, axes([0, 1], true)),
    call(kernel, "the middle axis", { x: f([2, 3, 4]) }, axes([-2])),
    call(kernel, "integers", { x: i([3, 4], 1, 4) }, axes([0])),
    call(kernel, "no axes", { x: f([2, 3]) }, axes([])),
    call(kernel, "an empty result", { x: f([0, 3]) }, axes([1])),
  ];
});

export const reductions: readonly Case[] = [
  ...folded,
  call("Sum", "bools", { x: bool([3, 5]) }, { axis: [1], keepDims: false }),
  call("Sum", "nothing", { x: f([0, 3]) }, { axis: [0], keepDims: false }),
  call("Mean", "nothing", { x: f([0, 3]) }, { axis: [0], keepDims: false }),
  call("Prod", "bools", { x: bool([3, 2]) }, { axis: [1], keepDims: false }),
  call("Prod", "nothing", { x: f([0, 3]) }, { axis: [0], keepDims: true }),
  call("Max", "NaN", { x: of([1, Number.NaN, 2]) }, { reductionIndices: [0], keepDims: false }),
  call("Min", "bools", { x: bool([4, 2]) }, { axis: [1], keepDims: false }),
  call("Max", "bools", { x: bool([4, 2]) }, { reductionIndices: [1], keepDims: true }),
  ...["All", "Any"].flatMap((kernel) => [
    call(kernel, "an axis", { x: bool([4, 2]) }, { axis: [1], keepDims: false }),
    call(kernel, "all axes kept", { x: bool([4, 2]) }, { axis: [0, 1], keepDims: true }),
  ]),
  ...["ArgMax", "ArgMin"].flatMap((kernel) => [
    call(kernel, "an axis", { x: distinct([3, 4, 2]) }, { axis: 1 }),
    call(kernel, "a list", { x: distinct([3, 4]) }, { axis: [1] }),
    call(kernel, "a negative axis", { x: distinct([3, 4]) }, { axis: -1 }),
    call(kernel, "ties", { x: of([1, 3, 3, 1], "int32") }, { axis: 0 }),
    call(kernel, "bools", { x: of([0, 1, 1, 0], "bool") }, { axis: 0 }),
  ]),
  ...["Cumsum", "Cumprod"].flatMap((kernel) =>
    [false, true].flatMap((exclusive) =>
      [false, true].flatMap((reverse) => [
        call(
          kernel,
          `axis 1, exclusive ${exclusive}, reverse ${reverse}`,
          { x: f([3, 4]) },
          {
            axis: 1,
            exclusive,
            reverse,
          },
        ),
        call(
          kernel,
          `integers, exclusive ${exclusive}, reverse ${reverse}`,
          { x: i([3, 2], 1, 4) },
          {
            axis: 0,
            exclusive,
            reverse,
          },
        ),
      ]),
    ),
  ),
  call("Cumsum", "bools", { x: bool([6]) }, { axis: 0, exclusive: false, reverse: false }),
];
