import type { OpName } from "../../ir/types.ts";
import type { TransposeRule } from "../types.ts";
import { contraction } from "./contraction.ts";
import { control } from "./control.ts";
import { elementwise } from "./elementwise.ts";
import { indexing } from "./indexing.ts";
import { movement } from "./movement.ts";
import { reduction } from "./reduction.ts";
import { window } from "./window.ts";

/** The transpose of every operation that can be linear in an operand. */
export const transposeRules: { readonly [K in OpName]: TransposeRule<K> | "nonlinear" } = {
  ...elementwise,
  ...movement,
  ...reduction,
  ...contraction,
  ...window,
  ...indexing,
  ...control,
};
