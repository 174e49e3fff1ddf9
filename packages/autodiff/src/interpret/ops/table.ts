import type { OpName } from "../../ir/types.ts";
import { type Lower, single } from "../lower.ts";
import { control } from "./control.ts";
import { conversions } from "./convert.ts";
import { convolution } from "./convolution.ts";
import { cumulative } from "./cumulative.ts";
import { dot } from "./dot.ts";
import { dynamics } from "./dynamic.ts";
import { elementwise } from "./elementwise.ts";
import { indexing } from "./indexing.ts";
import { movements } from "./movement.ts";
import { threefry } from "./random.ts";
import { reductions } from "./reduction.ts";
import { sort } from "./sort.ts";
import { windows } from "./window.ts";

/** How every operation becomes tfjs kernels. */
export const lowering: { readonly [K in OpName]: Lower<K> } = {
  ...elementwise,
  ...conversions,
  ...movements,
  ...dynamics,
  ...reductions,
  ...windows,
  ...indexing,
  ...control,
  cumulative: single(cumulative),
  dot_general: single(dot),
  convolution: single(convolution),
  sort,
  threefry2x32: threefry,
};
