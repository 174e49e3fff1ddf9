import type { Builder } from "../../ir/builder.ts";
import { at } from "../../ir/shape.ts";
import type { Value } from "../../ir/types.ts";
import { sum } from "../tangent.ts";
import type { LocalRule } from "../types.ts";

/** The number that fills a constant, where a value is one. */
const splat = (v: Value): number | undefined => {
  const node = v.producer;
  if (node?.op === "broadcast_in_dim") return splat(at(node.inputs, 0));
  return node?.op === "constant" && node.attrs.data.length === 1 ? node.attrs.data[0] : undefined;
};

/** y·x^(y−1). With a constant exponent all higher derivatives stay exact at x = 0 too. */
const base = (b: Builder, x: Value, y: Value): Value => {
  const exponent = splat(y);
  if (exponent === 0) return b.zeros(x.type);
  if (exponent === 1) return b.fill(x.type, 1);
  if (exponent === 2) return b.scale(x, 2);
  if (exponent !== undefined) {
    return b.scale(b.map("power", x, b.fill(x.type, exponent - 1)), exponent);
  }
  // At x = y = 0 the product would be 0·∞; any finite power gives the 0 that is wanted.
  const zero = b.zeros(x.type);
  const both = b.one("and", [b.compare(x, "EQ", zero), b.compare(y, "EQ", zero)], {});
  const safe = b.select(both, b.fill(y.type, 1), y);
  return b.mul(y, b.map("power", x, b.shift(safe, -1)));
};

/** x^y·log x, and 0 where x ≤ 0. */
const exponent = (b: Builder, x: Value, z: Value): Value => {
  const outside = b.compare(x, "LE", b.zeros(x.type));
  // The logarithm's operand is made harmless as well: its own derivative must not be ∞·0.
  const safe = b.select(outside, b.fill(x.type, 1), x);
  return b.select(outside, b.zeros(x.type), b.mul(z, b.map("log", safe)));
};

/** Derivative of x^y. */
export const power: LocalRule<"power"> = (b, { inputs, output, tangents: [tx, ty] }) => {
  const [x, y] = [at(inputs, 0), at(inputs, 1)];
  return sum(b, tx && b.mul(tx, base(b, x, y)), ty && b.mul(ty, exponent(b, x, output)));
};
