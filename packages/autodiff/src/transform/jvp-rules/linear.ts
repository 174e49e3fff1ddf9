import type { OpName } from "../../ir/types.ts";
import { given } from "../tangent.ts";
import type { LocalRule } from "../types.ts";

/** The rule of an operation that is linear in its first operand: itself, applied to the tangent. */
export const sameOnTangent =
  <K extends OpName>(op: K): LocalRule<K> =>
  (b, { inputs, attrs, tangents }) =>
    b.one(op, [given(tangents), ...inputs.slice(1)], attrs);
