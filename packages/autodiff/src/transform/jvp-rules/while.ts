import { Builder, buildGraph } from "../../ir/builder.ts";
import { at } from "../../ir/shape.ts";
import { materialize, pick, present, unpick } from "../tangent.ts";
import type { JointArgs, JointRule } from "../types.ts";
import { varyingCarries } from "./carry.ts";

/**
 * The loop carries tangents beside the values they belong to. Where values are wanted apart from
 * tangents the loop without tangents is emitted too.
 */
export const whileLoop: JointRule<"while"> = (b, args) => {
  const { inputs, attrs, tangents, mode } = args;
  const { condition, body, numConditionConsts, numBodyConsts } = attrs;
  const first = numConditionConsts + numBodyConsts;
  const constTangents = tangents.slice(numConditionConsts, first);
  const carry = inputs.slice(first);
  const types = carry.map((v) => v.type);
  const constMask = present(constTangents);
  const mask = varyingCarries(
    body,
    constMask,
    present(tangents.slice(first)),
    [],
    args.jvpInto,
    "joint",
  );
  const tangentTypes = pick(types, mask);
  const joint = {
    condition: buildGraph(
      [...condition.inputs.map((v) => v.type), ...tangentTypes],
      (inner, values) => inner.inline(condition, values.slice(0, condition.inputs.length)),
    ),
    body: tangentBody(args, constMask, mask),
    numConditionConsts,
    numBodyConsts: numBodyConsts + constMask.filter(Boolean).length,
  };
  const found = b.emit(
    "while",
    [
      ...inputs.slice(0, first),
      ...pick(constTangents, constMask).filter((t) => t !== undefined),
      ...carry,
      ...pick(
        types.map((type, i) => materialize(b, tangents[first + i], type)),
        mask,
      ),
    ],
    joint,
  );
  return {
    outputs: mode === "joint" ? found.slice(0, carry.length) : b.emit("while", inputs, attrs),
    tangents: unpick(found.slice(carry.length), mask),
  };
};

const tangentBody = (
  { attrs: { body, numBodyConsts }, jvpInto }: JointArgs<"while">,
  constMask: readonly boolean[],
  mask: readonly boolean[],
) => {
  const b = new Builder();
  const [consts, carry] = [body.inputs.slice(0, numBodyConsts), body.inputs.slice(numBodyConsts)];
  const declare = (values: typeof consts) => values.map((v) => b.input(v.type));
  const constValues = declare(consts);
  const constTangents = unpick(declare(pick(consts, constMask)), constMask);
  const carryValues = declare(carry);
  const carryTangents = unpick(declare(pick(carry, mask)), mask);
  const dual = jvpInto(
    b,
    body,
    [...constValues, ...carryValues],
    [...constTangents, ...carryTangents],
  );
  const next = carry.map((v, i) => materialize(b, dual.tangents[i], at([v], 0).type));
  return b.finish([...dual.outputs, ...pick(next, mask)]);
};
