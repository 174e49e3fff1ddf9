import type { Value } from "../../ir/types.ts";
import type { KernelCall } from "./kernel-call.ts";

/** Emits the IR of one tfjs kernel call; returns its result, or all of them in tfjs's order. */
export type Lowering = (call: KernelCall) => Value | readonly Value[];

/** Lowerings of a family of kernels; typed so that none can be forgotten. */
export type Family<Kernel extends string> = { readonly [K in Kernel]: Lowering };
