import { Builder } from "../../ir/builder.ts";
import type { Graph } from "../../ir/types.ts";
import type { JvpInto, JvpMode } from "../types.ts";

/**
 * Which carries of a loop have a tangent after any number of rounds: those that start with one and
 * those that get one from the body, until nothing changes.
 */
export const varyingCarries = (
  body: Graph,
  consts: readonly boolean[],
  start: readonly boolean[],
  xs: readonly boolean[],
  jvpInto: JvpInto,
  mode: JvpMode,
): boolean[] => {
  let mask = [...start];
  for (;;) {
    const given = [...consts, ...mask, ...xs];
    const b = new Builder();
    const primals = body.inputs.map((v) => b.input(v.type));
    const tangents = body.inputs.map((v, i) => (given[i] ? b.input(v.type) : undefined));
    const dual = jvpInto(b, body, primals, tangents, mode);
    const next = mask.map((here, i) => here || dual.tangents[i] !== undefined);
    if (next.every((here, i) => here === mask[i])) return mask;
    mask = next;
  }
};
