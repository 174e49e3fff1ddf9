import type { OpName } from "../../../ir/types.ts";
import type { BatchRule } from "../types.ts";
import { call, linearCall } from "./call.ts";
import { dotGeneral } from "./contraction.ts";
import { convolution } from "./convolution.ts";
import { elementwise } from "./elementwise.ts";
import { indexing } from "./indexing.ts";
import { scan, whileLoop } from "./loop.ts";
import { movement } from "./movement.ts";
import { reduction } from "./reduction.ts";
import { threefry } from "./threefry.ts";

/** How every operation works on many examples at once. */
export const batchRules: { readonly [K in OpName]: BatchRule<K> } = {
  ...elementwise,
  ...movement,
  ...reduction,
  ...indexing,
  dot_general: dotGeneral,
  convolution,
  threefry2x32: threefry,
  call,
  linear_call: linearCall,
  scan,
  while: whileLoop,
};
