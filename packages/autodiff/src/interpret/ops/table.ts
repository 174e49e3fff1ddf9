import type { OpName } from "../../ir/types.ts";
import { onHost } from "../host-step.ts";
import { type Lower, single } from "../lower.ts";
import { control } from "./control.ts";
import { conversions } from "./convert.ts";
import { convolution } from "./convolution.ts";
import { dot } from "./dot.ts";
import { elementwise } from "./elementwise.ts";
import { movements } from "./movement.ts";
import { threefry } from "./random.ts";
import { reductions } from "./reduction.ts";
import { windows } from "./window.ts";

const host =
  <K extends OpName>(op: K): Lower<K> =>
  (e, inputs, attrs, types) =>
    onHost(e, op, inputs, attrs, types);

/** How every operation becomes tfjs kernels. */
export const lowering: { readonly [K in OpName]: Lower<K> } = {
  ...elementwise,
  ...conversions,
  ...movements,
  ...reductions,
  ...control,
  ...windows,
  dot_general: single(dot),
  dynamic_slice: host("dynamic_slice"),
  dynamic_update_slice: host("dynamic_update_slice"),
  cumulative: host("cumulative"),
  convolution: single(convolution),
  gather: host("gather"),
  scatter: host("scatter"),
  sort: host("sort"),
  threefry2x32: threefry,
};
