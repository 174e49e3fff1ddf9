// Random loops for the tests of the generator, with operations whose results are easy to compare.
import type { DType, Monoid } from "@layerwise/autodiff/executor";
import fc from "fast-check";
import type { Buffer } from "../../src/kernel/kernel.ts";
import type { Access, Fold, FoldLoop, Operand, Step } from "../../src/loop/loop.ts";

/** A loop with contents for the buffers it reads. */
export interface Case {
  readonly loop: FoldLoop;
  readonly given: ReadonlyMap<Buffer, ArrayLike<number>>;
}

/** A small generator of numbers from a seed. */
export const numbers = (seed: number): ((limit: number) => number) => {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
};

const float = (next: (limit: number) => number): number => (next(2001) - 1000) / 256;
const ELEMENTS: Readonly<Record<DType, (next: (limit: number) => number) => number>> = {
  f32: float,
  f16: float,
  i32: (next) => next(2 ** 32) - 2 ** 31,
  u32: (next) => next(2 ** 32),
  bool: (next) => next(2),
};

/** Contents of a buffer: small numbers, so that sums and products stay exact or nearly so. */
export const contents = ({ dtype, size }: Buffer, next: (limit: number) => number): number[] =>
  Array.from({ length: size }, () => ELEMENTS[dtype](next));

const DTYPES = ["f32", "i32", "u32", "bool"] as const;
type Next = (limit: number) => number;

const pick = <T>(list: readonly T[], next: Next): T => list[next(list.length)]!;

/** Row-major over a permutation of the axes, with gaps, some axes reversed: every element once. */
const storeAccess = (dtype: DType, sizes: readonly number[], next: Next): Access => {
  const order = sizes.map((_, i) => i);
  if (next(2) === 0) order.sort(() => next(3) - 1);
  const strides = sizes.map(() => 0);
  let step = next(4) === 0 ? 2 : 1;
  let offset = next(3);
  let size = 1 + offset;
  for (const axis of order.reverse()) {
    const n = sizes[axis]!;
    const reversed = next(6) === 0;
    strides[axis] = reversed ? -step : step;
    const reach = Math.max(0, n - 1) * step;
    if (reversed) offset += reach;
    size += reach;
    step *= Math.max(1, n);
    if (next(5) === 0) step++;
  }
  return { buffer: { dtype, size }, offset, strides };
};

const loadAccess = (dtype: DType, sizes: readonly number[], next: Next): Access => {
  const access = storeAccess(dtype, sizes, next);
  // Some axes are broadcast.
  return { ...access, strides: access.strides.map((s) => (next(4) === 0 ? 0 : s)) };
};

const BINARY = {
  f32: ["add", "subtract", "multiply", "maximum", "minimum"],
  i32: ["add", "multiply", "maximum", "xor", "subtract"],
  u32: ["add", "multiply", "minimum", "and", "subtract"],
  bool: ["and", "or", "xor"],
} as const;

const MONOIDS = {
  f32: ["add", "maximum", "minimum"],
  i32: ["add", "multiply", "maximum", "minimum"],
  u32: ["add", "multiply", "maximum", "minimum"],
  bool: ["and", "or"],
} as const;

type Simple = keyof typeof BINARY;

const randomSteps = (sizes: readonly number[], next: Next): Step[] => {
  const steps: Step[] = [];
  const dtypes: Simple[] = [];
  const push = (dtype: Simple, step: Step): void => {
    steps.push(step);
    dtypes.push(dtype);
  };
  const any = (dtype: Simple): Operand | undefined => {
    const fitting = dtypes.flatMap((d, step) => (d === dtype ? [{ step, output: 0 }] : []));
    return fitting.length === 0 ? undefined : pick(fitting, next);
  };
  const count = 2 + next(6);
  push("f32", { kind: "load", dtype: "f32", access: loadAccess("f32", sizes, next) });
  while (steps.length < count) {
    const dtype = pick(DTYPES, next);
    switch (next(5)) {
      case 0:
        push(dtype, { kind: "constant", dtype, value: next(2) });
        break;
      case 1:
        push(dtype, {
          kind: "index",
          dtype,
          offset: next(5),
          strides: sizes.map(() => next(4)),
        });
        break;
      case 2:
        push(dtype, { kind: "load", dtype, access: loadAccess(dtype, sizes, next) });
        break;
      default: {
        const a = any(dtype);
        const b = any(dtype);
        if (a === undefined || b === undefined) break;
        const op = pick<(typeof BINARY)[Simple][number]>(BINARY[dtype], next);
        push(dtype, { kind: "op", op, attrs: {}, dtype, inputs: [a, b] });
      }
    }
  }
  return steps;
};

const values = (steps: readonly Step[], count: number, next: Next): Operand[] =>
  Array.from({ length: count }, (_, i) => ({
    step: i === 0 ? steps.length - 1 : next(steps.length),
    output: 0,
  }));

/** A random loop over axes of these sizes, the last `folded` of them folded. */
export const randomCase = (
  sizes: readonly number[],
  folded: number,
  seed: number,
  folds = folded > 0,
): Case => {
  const next = numbers(seed);
  for (let i = 0; i < 8; i++) next(2);
  const steps = randomSteps(sizes, next);
  const kept = sizes.length - folded;
  const dtypeOf = ({ step }: Operand): DType => steps[step]!.dtype;
  const stores = values(steps, folds ? next(2) : 1 + next(3), next).map((value) => ({
    value,
    access: storeAccess(dtypeOf(value), sizes, next),
  }));
  const folding = folds ? values(steps, 1 + next(3), next) : [];
  const loop: FoldLoop = {
    sizes,
    kept,
    steps,
    stores,
    folds: folding.map((value): Fold => {
      const access = storeAccess(dtypeOf(value), sizes.slice(0, kept), next);
      const strides = [...access.strides, ...sizes.slice(kept).map(() => 0)];
      const monoid: Monoid = pick<Monoid>(MONOIDS[dtypeOf(value) as Simple], next);
      return { value, monoid, access: { ...access, strides } };
    }),
  };
  const given = new Map<Buffer, ArrayLike<number>>();
  for (const step of steps) {
    if (step.kind !== "load") continue;
    given.set(step.access.buffer, contents(step.access.buffer, next));
  }
  return { loop, given };
};

const LONG = [4095, 4096, 4097, 1023];

/** Loops of ranks 0 to 4; sometimes one of the axes is long. */
export const cases = (folds: boolean): fc.Arbitrary<Case> =>
  fc
    .record({
      sizes: fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 4 }),
      long: fc.option(fc.constantFrom(...LONG), { freq: 1 }),
      where: fc.nat(3),
      folded: fc.nat(4),
      seed: fc.nat(),
    })
    .map(({ sizes, long, where, folded, seed }) => {
      const axes = [...sizes];
      if (long !== null && long !== undefined && axes.length > 0) {
        axes.splice(2);
        axes.forEach((size, i) => {
          axes[i] = Math.min(size, 3);
        });
        axes[where % axes.length] = long;
      }
      return randomCase(axes, folds ? Math.min(folded, axes.length) : 0, seed, folds);
    });
