import type { DType } from "@layerwise/autodiff/executor";
import type { Code } from "../wasm/code.ts";
import type { Local } from "../wasm/locals.ts";

/**
 * Pushes the lanes in which `value` takes the place of the extreme `best` found so far: where it is
 * beyond it, or is the first NaN.
 */
export const pushBetter = (
  code: Code,
  dtype: DType,
  monoid: "maximum" | "minimum",
  value: Local,
  best: Local,
): void => {
  const maximum = monoid === "maximum";
  if (dtype !== "f32") {
    const sign = dtype === "i32" ? "s" : "u";
    code
      .get(value)
      .get(best)
      .op(`i32x4.${maximum ? "gt" : "lt"}_${sign}`);
    return;
  }
  // Not "value <= best" is true of NaN as well; nothing comes after a NaN.
  code.get(best).get(best).op("f32x4.eq");
  code
    .get(value)
    .get(best)
    .op(maximum ? "f32x4.le" : "f32x4.ge");
  code.op("v128.andnot");
};

/** `target = mask ? value : target`, lane by lane. */
export const setWhere = (code: Code, mask: Local, target: Local, value: Local): void => {
  code.get(value).get(target).get(mask).op("v128.bitselect").set(target);
};
