import type { Code } from "../wasm/code.ts";
import type { Local } from "../wasm/locals.ts";
import type { Range } from "./chunks.ts";

/** An i32 that moves along with the indices of a walk: an address in bytes, or a coordinate. */
export interface Walker {
  /** Where it is at index 0 …: the value of a local, plus `offset`. */
  readonly base?: Local;
  readonly offset?: number;
  /** What a step along each axis adds. */
  readonly strides: readonly number[];
}

/** Axes of a loop with, for each of several walkers, the stride of each axis. */
export interface Axes {
  readonly sizes: readonly number[];
  readonly strides: readonly (readonly number[])[];
}

/** Distance between neighbours along each axis of a row-major array with elements of `unit`. */
export const rowMajor = (shape: readonly number[], unit: number): number[] => {
  const strides = new Array<number>(shape.length);
  let size = unit;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = size;
    size *= shape[axis] as number;
  }
  return strides;
};

/** The items of a list at these places. */
export const pick = (list: readonly number[], axes: readonly number[]): number[] =>
  axes.map((axis) => list[axis] as number);

/** The same loop with as few axes as possible, in the same order. */
export const mergeAxes = (
  sizes: readonly number[],
  strides: readonly (readonly number[])[],
): Axes => {
  const merged: { size: number; strides: readonly number[] }[] = [];
  sizes.forEach((size, axis) => {
    if (size === 1) return;
    const here = strides.map((list) => list[axis] as number);
    const last = merged[merged.length - 1];
    if (last?.strides.every((stride, w) => stride === (here[w] as number) * size)) {
      last.size *= size;
      last.strides = here;
    } else merged.push({ size, strides: here });
  });
  return {
    sizes: merged.map(({ size }) => size),
    strides: strides.map((_, w) => merged.map((axis) => axis.strides[w] as number)),
  };
};

/** `local += amount`. */
export const advance = (code: Code, local: Local, amount: number): void => {
  if (amount !== 0) code.get(local).i32(amount).op("i32.add").set(local);
};

const push = (code: Code, value: Local | number): Code =>
  typeof value === "number" ? code.i32(value) : code.get(value);

/**
 * Visits the indices of a shape from number `first` up to `end` in row-major order. It is an
 * odometer, so that it can start anywhere: `body` gets the locals of the walkers and leaves them as
 * they are.
 */
export const walk = (
  code: Code,
  shape: readonly number[],
  { first, end }: Range,
  walkers: readonly Walker[],
  body: (locals: readonly Local[]) => void,
): void => {
  if (shape.includes(0)) return;
  const { sizes, strides } = mergeAxes(
    shape,
    walkers.map((walker) => walker.strides),
  );
  const locals = walkers.map(({ base, offset = 0 }) => {
    const local = code.local("i32");
    if (base === undefined) code.i32(offset);
    else {
      code.get(base);
      if (offset !== 0) code.i32(offset).op("i32.add");
    }
    code.set(local);
    return local;
  });
  const step = (axis: number, times = 1): void =>
    locals.forEach((local, w) => {
      advance(code, local, ((strides[w] as number[])[axis] as number) * times);
    });
  const places = sizes.map(() => code.local("i32"));
  startAt(code, { sizes, strides }, first, places, locals);
  const i = code.local("i32");
  push(code, first).set(i);
  /** The next index along an axis, with the carry into those before it. */
  const next = (axis: number): void => {
    step(axis);
    if (axis === 0) return;
    const place = places[axis] as Local;
    const size = sizes[axis] as number;
    code.get(place).i32(1).op("i32.add").tee(place).i32(size).op("i32.eq");
    code.if(() => {
      code.i32(0).set(place);
      step(axis, -size);
      next(axis - 1);
    });
  };
  const once = first === 0 && end === 1;
  if (once) body(locals);
  else {
    code.forUntil(i, end, 1, () => {
      body(locals);
      if (sizes.length > 0) next(sizes.length - 1);
    });
  }
  code.release(i, ...places, ...locals);
};

/** Takes the number `first` apart into an index and moves the walkers there. */
const startAt = (
  code: Code,
  { sizes, strides }: Axes,
  first: Local | number,
  places: readonly Local[],
  locals: readonly Local[],
): void => {
  if (first === 0) {
    for (const place of places) code.i32(0).set(place);
    return;
  }
  const rest = code.local("i32");
  push(code, first).set(rest);
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    const [size, place] = [sizes[axis] as number, places[axis] as Local];
    code.get(rest);
    if (axis > 0) code.i32(size).op("i32.rem_u");
    code.set(place);
    if (axis > 0) code.get(rest).i32(size).op("i32.div_u").set(rest);
    locals.forEach((local, w) => {
      const stride = (strides[w] as number[])[axis] as number;
      if (stride === 0) return;
      code.get(local).get(place).i32(stride).op("i32.mul").op("i32.add").set(local);
    });
  }
  code.release(rest);
};
