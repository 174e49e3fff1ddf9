import type { Builder } from "../../ir/builder.ts";
import { at } from "../../ir/shape.ts";
import type { Value } from "../../ir/types.ts";
import { given } from "../tangent.ts";
import type { LocalRule } from "../types.ts";

interface Line {
  readonly axis: number;
  readonly reverse: boolean;
}

/** Moves elements `step` places on along the line; `fill` enters where nothing comes from. */
const shifted = (b: Builder, x: Value, { axis, reverse }: Line, step: number, fill: number) => {
  const none = x.type.shape.map(() => 0);
  const by = (n: number): number[] => none.map((_, i) => (i === axis ? n : 0));
  const value = b.fill({ shape: [], dtype: x.type.dtype }, fill);
  return reverse
    ? b.pad(x, by(-step), by(step), none, value)
    : b.pad(x, by(step), by(-step), none, value);
};

/**
 * Runs an associative scan by doubling (Hillis and Steele): after the step of size s each place
 * has combined the 2s elements that end there, which never overlap those it combines next.
 */
const doubling = <S>(length: number, start: S, step: (state: S, size: number) => S): S => {
  let state = start;
  for (let size = 1; size < length; size *= 2) state = step(state, size);
  return state;
};

/** Prefix products: (p, t) ∘ (q, u) = (pq, tq + pu), which needs no division. */
const product = (b: Builder, line: Line, x: Value, t: Value): Value => {
  const length = at(x.type.shape, line.axis);
  const step = ([q, u]: readonly [Value, Value], size: number): readonly [Value, Value] => {
    const p = shifted(b, q, line, size, 1);
    const before = shifted(b, u, line, size, 0);
    return [b.mul(p, q), b.add(b.mul(before, q), b.mul(u, p))];
  };
  return doubling(length, [x, t] as const, step)[1];
};

/** Prefix extrema: the sum of tangents and the number of elements that attain the extremum. */
const extremum = (
  b: Builder,
  line: Line,
  monoid: "maximum" | "minimum",
  x: Value,
  t: Value,
): Value => {
  type State = readonly [extremum: Value, sum: Value, count: Value];
  const [direction, identity] =
    monoid === "maximum" ? (["GT", -Infinity] as const) : (["LT", Infinity] as const);
  const step = ([value, sum, count]: State, size: number): State => {
    const before = shifted(b, value, line, size, identity);
    const wins = b.compare(before, direction, value);
    const tied = b.compare(before, "EQ", value);
    const merge = (v: Value): Value => {
      const other = shifted(b, v, line, size, 0);
      return b.select(wins, other, b.add(v, b.select(tied, other, b.zeros(v.type))));
    };
    return [b.map(monoid, before, value), merge(sum), merge(count)];
  };
  const length = at(x.type.shape, line.axis);
  const start: State = [x, t, b.fill(x.type, 1)];
  const [, total, count] = doubling(length, start, step);
  return b.div(total, count);
};

/** Derivative of an inclusive scan. */
export const cumulative: LocalRule<"cumulative"> = (b, { inputs, attrs, tangents }) => {
  const [x, t] = [at(inputs, 0), given(tangents)];
  const line = { axis: attrs.dimension, reverse: attrs.reverse };
  switch (attrs.monoid) {
    case "add":
      return b.one("cumulative", [t], attrs);
    case "multiply":
      return product(b, line, x, t);
    case "maximum":
    case "minimum":
      return extremum(b, line, attrs.monoid, x, t);
  }
};
