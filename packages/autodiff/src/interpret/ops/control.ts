import type { OpName } from "../../ir/types.ts";
import { onHost } from "../host-step.ts";
import type { Lower } from "../lower.ts";
import { lowerInto } from "../lower-graph.ts";

type Control = Extract<OpName, "call" | "linear_call" | "scan" | "while">;

/** Lowering of operations that run other graphs. */
export const control: { readonly [K in Control]: Lower<K> } = {
  // A call's derivative is of no concern here, and its kernels run best among the others.
  call: (e, inputs, { body }) => lowerInto(e, body, inputs),
  linear_call: () => {
    throw new Error("interpreter: linear_call must be expanded before lowering");
  },
  scan: (e, inputs, attrs, types) => onHost(e, "scan", inputs, attrs, types),
  while: (e, inputs, attrs, types) => onHost(e, "while", inputs, attrs, types),
};
