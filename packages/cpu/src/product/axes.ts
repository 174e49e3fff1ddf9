import { sizeOf } from "@layerwise/autodiff/executor";
import type { Code } from "../wasm/code.ts";
import type { Local } from "../wasm/locals.ts";

/** An axis of a loop: its size and the elements between neighbours in each of several arrays. */
export interface Axis {
  readonly size: number;
  readonly strides: readonly number[];
}

/** The same loop with as few axes as possible: none of size 1, neighbours merged where they can be. */
export const mergeAxes = (axes: readonly Axis[]): Axis[] => {
  const merged: Axis[] = [];
  for (const axis of axes) {
    if (axis.size === 1) continue;
    const outer = merged[merged.length - 1];
    if (outer?.strides.every((s, i) => s === (axis.strides[i] as number) * axis.size)) {
      merged[merged.length - 1] = { size: outer.size * axis.size, strides: axis.strides };
    } else merged.push(axis);
  }
  return merged;
};

/** Number of steps of a loop. */
export const stepsOf = (axes: readonly Axis[]): number => sizeOf(axes.map(({ size }) => size));

/** Adds 4 bytes · stride · index to each address, for the step number `step` of a loop. */
export const advanceTo = (
  code: Code,
  axes: readonly Axis[],
  step: Local,
  addresses: readonly (Local | undefined)[],
  bytes = 4,
): void => {
  if (axes.length === 0) return;
  const [rest, index] = [code.local("i32"), code.local("i32")];
  code.get(step).set(rest);
  [...axes].reverse().forEach(({ size, strides }, i) => {
    if (i === axes.length - 1) code.get(rest).set(index);
    else {
      code.get(rest).i32(size).op("i32.rem_u").set(index);
      code.get(rest).i32(size).op("i32.div_u").set(rest);
    }
    addresses.forEach((address, operand) => {
      const stride = bytes * (strides[operand] as number);
      if (address === undefined || stride === 0) return;
      code.get(address).get(index).i32(stride).op("i32.mul").op("i32.add").set(address);
    });
  });
  code.release(rest, index);
};

/** Sets `end` to min(start + count, limit). */
export const setEnd = (
  code: Code,
  end: Local,
  start: Local,
  count: number,
  limit: number,
): void => {
  code.get(start).i32(count).op("i32.add").i32(limit);
  code.get(start).i32(count).op("i32.add").i32(limit).op("i32.lt_u").op("select").set(end);
};
