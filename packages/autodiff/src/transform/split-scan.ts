import type { Builder } from "../ir/builder.ts";
import { at } from "../ir/shape.ts";
import type { OpAttrs, Value } from "../ir/types.ts";
import { flat, type LoopBody, type Parts } from "./loop.ts";
import { splitBody } from "./split-body.ts";
import type { Dual } from "./types.ts";

/** One loop for the values, which also stacks what the tangents need, and a linear one for these. */
export const splitScan = (
  b: Builder,
  attrs: OpAttrs["scan"],
  body: LoopBody,
  inputs: Parts<Value>,
  tangents: Parts<Value>,
): Dual => {
  const split = splitBody(body);
  const found = b.emit("scan", flat(inputs), {
    ...attrs,
    body: split.primal,
    numConsts: inputs.consts.length,
    numCarry: inputs.carry.length,
  });
  const residuals = found.slice(body.outputs.length);
  const consts = [...split.consts.map((i) => at(inputs.consts, i)), ...tangents.consts];
  const xs = [...residuals, ...split.xs.map((i) => at(inputs.xs, i)), ...tangents.xs];
  const linear = b.emit("scan", [...consts, ...tangents.carry, ...xs], {
    ...attrs,
    body: split.linear,
    numConsts: consts.length,
    numCarry: tangents.carry.length,
  });
  return { outputs: found.slice(0, body.outputs.length), tangents: linear };
};
