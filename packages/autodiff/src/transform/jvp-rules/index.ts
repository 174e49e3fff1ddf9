import type { JointOp, JointRule, LocalOp, LocalRule } from "../types.ts";
import { call, linearCall } from "./call.ts";
import { contraction } from "./contraction.ts";
import { elementwise } from "./elementwise.ts";
import { indexing, sort } from "./indexing.ts";
import { movement } from "./movement.ts";
import { reduction } from "./reduction.ts";
import { scan } from "./scan.ts";
import { whileLoop } from "./while.ts";
import { window } from "./window.ts";

/** The derivative of every operation that has one result; "zero" where it has no tangent. */
export const jvpRules: { readonly [K in LocalOp]: LocalRule<K> | "zero" } = {
  ...elementwise,
  ...movement,
  ...reduction,
  ...contraction,
  ...window,
  ...indexing,
};

/** The derivative of every operation whose tangents are emitted together with its results. */
export const jointRules: { readonly [K in JointOp]: JointRule<K> } = {
  sort,
  call,
  linear_call: linearCall,
  scan,
  while: whileLoop,
};
