import type { Builder } from "../../ir/builder.ts";
import { at, dilated, invert, range } from "../../ir/shape.ts";
import type {
  ConversionOp,
  DynamicSliceOp,
  MovementOp,
  OpAttrs,
  Shape,
  Value,
} from "../../ir/types.ts";
import { given } from "../tangent.ts";
import type { TransposeRule } from "../types.ts";

type Movement = MovementOp | DynamicSliceOp | ConversionOp;

/** Sums what broadcasting repeated. */
const unbroadcast = (
  b: Builder,
  ct: Value,
  shape: Shape,
  { dimensions }: OpAttrs["broadcast_in_dim"],
): Value => {
  const repeated = range(ct.type.shape.length).filter((axis) => {
    const i = dimensions.indexOf(axis);
    return i < 0 || shape[i] !== ct.type.shape[axis];
  });
  return b.reshape(b.reduce(ct, "add", repeated), shape);
};

/** The elements of a padded array that come from the operand, zero where they were cropped. */
const unpad = (b: Builder, ct: Value, shape: Shape, attrs: OpAttrs["pad"]): Value => {
  const whole = b.pad(
    ct,
    attrs.low.map((n) => -n),
    attrs.high.map((n) => -n),
  );
  const start = shape.map(() => 0);
  return b.slice(
    whole,
    start,
    whole.type.shape,
    attrs.interior.map((n) => n + 1),
  );
};

/** The sum over the places that hold the padding value. */
const paddingSum = (b: Builder, ct: Value, shape: Shape, attrs: OpAttrs["pad"]): Value => {
  const inside = b.fill({ shape, dtype: "bool" }, 0);
  const outside = b.fill({ shape: [], dtype: "bool" }, 1);
  const mask = b.one("pad", [inside, outside], attrs);
  return b.reduce(b.select(mask, ct, b.zeros(ct.type)), "add", range(shape.length));
};

/** Puts a strided slice back among zeros. */
const unslice = (
  b: Builder,
  ct: Value,
  shape: Shape,
  { start, strides }: OpAttrs["slice"],
): Value =>
  b.pad(
    ct,
    start,
    shape.map((d, i) => d - at(start, i) - dilated(at(ct.type.shape, i), at(strides, i))),
    strides.map((s) => s - 1),
  );

/** Transposes of operations that move elements. */
export const movement: { readonly [K in Movement]: TransposeRule<K> | "nonlinear" } = {
  constant: "nonlinear",
  iota: "nonlinear",
  convert: (b, { types, cotangents }) => [b.convert(given(cotangents), at(types, 0).dtype)],
  bitcast_convert: "nonlinear",
  broadcast_in_dim: (b, { types, attrs, cotangents }) => [
    unbroadcast(b, given(cotangents), at(types, 0).shape, attrs),
  ],
  reshape: (b, { types, cotangents }) => [b.reshape(given(cotangents), at(types, 0).shape)],
  transpose: (b, { attrs, cotangents }) => [
    b.transpose(given(cotangents), invert(attrs.permutation)),
  ],
  reverse: (b, { attrs, cotangents }) => [b.reverse(given(cotangents), attrs.dimensions)],
  slice: (b, { types, attrs, cotangents }) => [
    unslice(b, given(cotangents), at(types, 0).shape, attrs),
  ],
  pad: (b, { types, linear, attrs, cotangents }) => {
    const [ct, shape] = [given(cotangents), at(types, 0).shape];
    return [
      linear[0] ? unpad(b, ct, shape, attrs) : undefined,
      linear[1] ? paddingSum(b, ct, shape, attrs) : undefined,
    ];
  },
  concatenate: (b, { types, linear, attrs: { dimension }, cotangents }) => {
    const ct = given(cotangents);
    let offset = 0;
    return types.map(({ shape }, i) => {
      const from = offset;
      offset += at(shape, dimension);
      if (!linear[i]) return undefined;
      const start = shape.map((_, axis) => (axis === dimension ? from : 0));
      return b.slice(
        ct,
        start,
        shape.map((d, axis) => d + at(start, axis)),
      );
    });
  },
  dynamic_slice: (b, { types, operand, cotangents }) => {
    const starts = types.slice(1).map((_, i) => operand(i + 1));
    const zeros = b.zeros(at(types, 0));
    return [b.one("dynamic_update_slice", [zeros, given(cotangents), ...starts], {})];
  },
  dynamic_update_slice: (b, { types, linear, operand, cotangents }) => {
    const ct = given(cotangents);
    const update = at(types, 1);
    const starts = types.slice(2).map((_, i) => operand(i + 2));
    return [
      linear[0] ? b.one("dynamic_update_slice", [ct, b.zeros(update), ...starts], {}) : undefined,
      linear[1] ? b.one("dynamic_slice", [ct, ...starts], { sizes: update.shape }) : undefined,
    ];
  },
};
