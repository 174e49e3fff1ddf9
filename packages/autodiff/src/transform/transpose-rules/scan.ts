import { Builder } from "../../ir/builder.ts";
import { at } from "../../ir/shape.ts";
import type { Graph, TensorType, Value } from "../../ir/types.ts";
import { loopInputs } from "../linear-values.ts";
import { flat, givenOf, type Parts, parts } from "../loop.ts";
import { materialize, pick, present, sum, unpick } from "../tangent.ts";
import type { Tangent, TransposeArgs, TransposeRule } from "../types.ts";
import { isZero } from "../zero.ts";

type Args = TransposeArgs<"scan">;

/** Which inputs of the body are linear: also a carry that starts at zero and is fed linearly. */
const linearInputs = ({ attrs, linear, operand }: Args): Parts<boolean> => {
  const found = loopInputs(attrs, linear);
  found.carry.forEach((here, i) => {
    const index = attrs.numConsts + i;
    if (!here) throw new Error(`transpose: carry ${i} of scan does not depend on tangents`);
    if (!linear[index] && !isZero(operand(index))) {
      throw new Error(`transpose: carry ${i} of scan starts from a value that is not zero`);
    }
  });
  return found;
};

interface BackwardBody {
  readonly graph: Graph;
  /** Which xs get a cotangent. */
  readonly xs: readonly boolean[];
}

/**
 * One round backwards: (constants, residual slices; cotangents of the carry, sums of cotangents of
 * the linear consts; slices of the stacked cotangents) → the same carries, cotangents of x slices.
 */
const backwardBody = (args: Args, linear: Parts<boolean>): BackwardBody => {
  const { attrs, cotangents, transposeInto } = args;
  const { body, numCarry } = attrs;
  const b = new Builder();
  const declare = (values: readonly Value[]): Value[] => values.map((v) => b.input(v.type));
  const types: Parts<Value> = parts(body.inputs, attrs);
  const fixed = (mask: readonly boolean[]): boolean[] => mask.map((here) => !here);
  const stacked = present(cotangents.slice(numCarry));

  const consts = declare(pick(types.consts, fixed(linear.consts)));
  const carryCts = declare(types.carry);
  const constSums = declare(pick(types.consts, linear.consts));
  const xs = declare(pick(types.xs, fixed(linear.xs)));
  const sliceCts = unpick(declare(pick(body.outputs.slice(numCarry), stacked)), stacked);

  const operands: Parts<Tangent> = {
    consts: unpick(consts, fixed(linear.consts)),
    carry: types.carry.map(() => undefined),
    xs: unpick(xs, fixed(linear.xs)),
  };
  const found = parts(
    transposeInto(b, body, flat(linear), flat(operands), [...carryCts, ...sliceCts]),
    attrs,
  );
  const carry = types.carry.map((v, i) => materialize(b, found.carry[i], v.type));
  const sums = pick(found.consts, linear.consts).map(
    (ct, i) => sum(b, constSums[i], ct) ?? at(constSums, i),
  );
  return {
    graph: b.finish([...carry, ...sums, ...givenOf(found.xs)]),
    xs: present(found.xs),
  };
};

/**
 * The loop run the other way: the carry holds the cotangents of the carry and the growing sums of
 * those of the consts; cotangents of the stacked outputs come in as xs, those of xs are stacked.
 */
export const scan: TransposeRule<"scan"> = (b, args) => {
  const { attrs, types, operand, cotangents } = args;
  const linear = linearInputs(args);
  const given = parts(args.linear, attrs);
  const { graph, xs } = backwardBody(args, linear);
  const operandTypes: Parts<TensorType> = parts(types, attrs);
  const offset = attrs.numConsts + attrs.numCarry;
  const fixed = (mask: readonly boolean[], from: number): Value[] =>
    mask.flatMap((here, i) => (here ? [] : [operand(from + i)]));
  const constTypes = pick(operandTypes.consts, linear.consts);

  const consts = fixed(linear.consts, 0);
  const carry = operandTypes.carry.map((type, i) => materialize(b, cotangents[i], type));
  const found = b.emit(
    "scan",
    [
      ...consts,
      ...carry,
      ...constTypes.map((type) => b.zeros(type)),
      ...fixed(linear.xs, offset),
      ...givenOf(cotangents.slice(attrs.numCarry)),
    ],
    {
      body: graph,
      length: attrs.length,
      numConsts: consts.length,
      numCarry: carry.length + constTypes.length,
      reverse: !attrs.reverse,
    },
  );
  const sums = found.slice(carry.length, carry.length + constTypes.length);
  return flat<Tangent>({
    consts: unpick(sums, linear.consts),
    carry: given.carry.map((here, i) => (here ? found[i] : undefined)),
    xs: unpick(found.slice(carry.length + constTypes.length), xs),
  });
};
