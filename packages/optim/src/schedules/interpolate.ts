import { constant } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  clipByValue,
  div,
  less,
  sin,
  square,
  sub,
  where,
  zerosLike,
} from "@tensorflow/tfjs-core";
import { type Hyperparameter, plus, tensorOf, times } from "../core/arithmetic.ts";

/** How a value goes from one point to the next: on a straight line or on half a cosine wave. */
export type Interpolation = "linear" | "cosine";

/** A value at a point in time. */
export interface Knot {
  readonly at: number;
  readonly value: number;
}

/** weight · from + (1 − weight) · to, which is exact at both ends. */
export function mix(weight: Tensor, from: Hyperparameter, to: Hyperparameter): Tensor {
  const first = times(weight, from);
  return to === 0 ? first : add(first, times(sub(1, weight), to));
}

/** A value at all steps of a float32 time. */
export function constantly(value: Hyperparameter, time: Tensor): Tensor {
  return plus(zerosLike(time), value);
}

/** A hyperparameter multiplied by a number. */
export function scaled(value: Hyperparameter, factor: number): Hyperparameter {
  return typeof value === "number" ? value * factor : times(value, factor);
}

/**
 * ½ (1 + cos(π x)), from 1 at 0 to 0 at 1.
 *
 * Written sin²(π/2 (1 − x)), as the sum cancels where the cosine is near −1.
 */
export function halfCosine(x: Tensor): Tensor {
  return square(sin(times(sub(1, x), Math.PI / 2)));
}

/** The names of the ways to interpolate. */
export const interpolations: readonly Interpolation[] = ["linear", "cosine"];

const falls: Readonly<Record<Interpolation, (x: Tensor) => Tensor>> = {
  linear: (x) => sub(1, x),
  cosine: halfCosine,
};

/** The value on the path through points in order of time, constant outside of them. */
export function pathThrough(
  time: Tensor,
  [first, ...later]: readonly [Knot, ...Knot[]],
  interpolation: Interpolation,
): Tensor {
  let value = constantly(first.value, time);
  let from = first;
  for (const to of later) {
    const next = to.at > from.at ? piece(time, from, to, interpolation) : constant(to.value);
    value = where(less(time, tensorOf(from.at)), value, next);
    from = to;
  }
  return value;
}

function piece(time: Tensor, from: Knot, to: Knot, interpolation: Interpolation): Tensor {
  const passed = div(plus(time, -from.at), tensorOf(to.at - from.at));
  return mix(falls[interpolation](clipByValue(passed, 0, 1)), from.value, to.value);
}
