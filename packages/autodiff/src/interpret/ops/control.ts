import type { ControlOp } from "../../ir/types.ts";
import type { Lower } from "../lower.ts";
import { scan, whileLoop } from "./loop.ts";

type Control = ControlOp;

/** Lowering of operations that run other graphs. */
export const control: { readonly [K in Control]: Lower<K> } = {
  // A call's derivative is of no concern here, and its kernels run best among the others.
  call: (e, inputs, { body }) => e.bodies.inline(e, body, inputs),
  linear_call: () => {
    throw new Error("interpreter: linear_call must be expanded before lowering");
  },
  scan,
  while: whileLoop,
};
