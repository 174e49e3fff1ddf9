import { Builder } from "../../ir/builder.ts";
import { at } from "../../ir/shape.ts";
import type { Graph, OpAttrs, Value } from "../../ir/types.ts";
import { flat, givenOf, type LoopBody, type Parts, parts } from "../loop.ts";
import { splitScan } from "../split-scan.ts";
import { materialize, pick, present, unpick } from "../tangent.ts";
import type { Dual, JointArgs, JointRule, JvpMode } from "../types.ts";
import { varyingCarries } from "./carry.ts";

/** The body with its tangents; inputs are the primal ones, then those of the masked tangents. */
const dualBody = (
  { attrs, jvpInto }: JointArgs<"scan">,
  mask: Parts<boolean>,
  mode: JvpMode,
): LoopBody => {
  const b = new Builder();
  const { body, numConsts, numCarry } = attrs;
  const primals = body.inputs.map((v) => b.input(v.type));
  const given = flat(mask);
  const duals = unpick(
    pick(body.inputs, given).map((v) => b.input(v.type)),
    given,
  );
  const dual = jvpInto(b, body, primals, duals, mode);
  const carried = dual.tangents
    .slice(0, numCarry)
    .map((t, i) => materialize(b, t, at(body.inputs, numConsts + i).type));
  return {
    nodes: b.nodes,
    primals: parts(primals, attrs),
    tangents: parts(duals, attrs),
    outputs: dual.outputs,
    carryTangents: pick(carried, mask.carry),
    stackedTangents: dual.tangents.slice(numCarry),
  };
};

/** Values and tangents in one loop. */
const jointScan = (
  b: Builder,
  attrs: OpAttrs["scan"],
  body: LoopBody,
  inputs: Parts<Value>,
  tangents: Parts<Value>,
): Dual => {
  const { primals, outputs, carryTangents } = body;
  const graph: Graph = {
    inputs: flat({
      consts: [...primals.consts, ...givenOf(body.tangents.consts)],
      carry: [...primals.carry, ...givenOf(body.tangents.carry)],
      xs: [...primals.xs, ...givenOf(body.tangents.xs)],
    }),
    nodes: body.nodes,
    outputs: [
      ...outputs.slice(0, attrs.numCarry),
      ...carryTangents,
      ...outputs.slice(attrs.numCarry),
      ...givenOf(body.stackedTangents),
    ],
  };
  const found = b.emit(
    "scan",
    flat({
      consts: [...inputs.consts, ...tangents.consts],
      carry: [...inputs.carry, ...tangents.carry],
      xs: [...inputs.xs, ...tangents.xs],
    }),
    {
      ...attrs,
      body: graph,
      numConsts: attrs.numConsts + tangents.consts.length,
      numCarry: attrs.numCarry + tangents.carry.length,
    },
  );
  const ends = [attrs.numCarry, tangents.carry.length, outputs.length - attrs.numCarry];
  const [carry, carryT, ys] = ends.map((n, i) => {
    const from = ends.slice(0, i).reduce((sum, m) => sum + m, 0);
    return found.slice(from, from + n);
  }) as [Value[], Value[], Value[]];
  const yTangents = found.slice(ends.reduce((sum, n) => sum + n, 0));
  return { outputs: [...carry, ...ys], tangents: [...carryT, ...yTangents] };
};

/** A loop with tangents beside its values; the tangents of consts, carries and xs as they are given. */
export const scan: JointRule<"scan"> = (b, args) => {
  const { inputs, attrs, mode, jvpInto } = args;
  const values = parts(inputs, attrs);
  const given = parts(args.tangents, attrs);
  const [consts, xs] = [present(given.consts), present(given.xs)];
  const carry = varyingCarries(attrs.body, consts, present(given.carry), xs, jvpInto, mode);
  const starts = values.carry.map((v, i) => materialize(b, given.carry[i], v.type));
  const tangents: Parts<Value> = {
    consts: givenOf(given.consts),
    carry: pick(starts, carry),
    xs: givenOf(given.xs),
  };
  const body = dualBody(args, { consts, carry, xs }, mode);
  const emit = mode === "joint" ? jointScan : splitScan;
  const dual = emit(b, attrs, body, values, tangents);
  const mask = [...carry, ...present(body.stackedTangents)];
  return { outputs: dual.outputs, tangents: unpick(dual.tangents as readonly Value[], mask) };
};
