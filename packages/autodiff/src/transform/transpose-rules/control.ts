import { type Builder, buildGraph } from "../../ir/builder.ts";
import { at } from "../../ir/shape.ts";
import type { ControlOp, OpName, Value } from "../../ir/types.ts";
import { materialize, pick, present, unpick } from "../tangent.ts";
import type { Tangent, TransposeArgs, TransposeRule } from "../types.ts";
import { scan } from "./scan.ts";

type Control = ControlOp;

const primalOperands = ({ types, linear, operand }: TransposeArgs<OpName>): Tangent[] =>
  types.map((_, i) => (linear[i] ? undefined : operand(i)));

/** A checkpointed call again: its body computes the primal values once more and pulls back. */
const checkpoint = (b: Builder, args: TransposeArgs<"call">): Tangent[] => {
  const { attrs, types, linear, cotangents, transposeInto } = args;
  const primal = linear.map((here) => !here);
  const given = present(cotangents);
  const operands = primalOperands(args).filter((v): v is Value => v !== undefined);
  const inputs = [...pick(types, primal), ...pick(args.results, given)];
  let found: boolean[] = [];
  const body = buildGraph(inputs, (inner, values) => {
    const primals = unpick(values.slice(0, operands.length), primal);
    const cts = unpick(values.slice(operands.length), given);
    const result = transposeInto(inner, attrs.body, linear, primals, cts);
    found = present(result);
    return result.filter((ct) => ct !== undefined);
  });
  const outputs = b.emit("call", [...operands, ...cotangents.filter((ct) => ct !== undefined)], {
    body,
    derivative: attrs.derivative,
  });
  return unpick(outputs, found);
};

/** Transposes of operations that run other graphs. */
export const control: { readonly [K in Control]: TransposeRule<K> } = {
  call: (b, args) => {
    if (args.attrs.derivative.kind === "checkpoint") return checkpoint(b, args);
    const { attrs, linear, cotangents, transposeInto } = args;
    return transposeInto(b, attrs.body, linear, primalOperands(args), cotangents);
  },
  linear_call: (b, { attrs, linear, results, operand, cotangents }) => {
    const { numResiduals, transposed } = attrs;
    if (linear.slice(0, numResiduals).includes(true)) {
      throw new Error("transpose: linear_call is not linear in its residuals");
    }
    const residuals = linear.slice(0, numResiduals).map((_, i) => operand(i));
    const given = results.map((type, i) => materialize(b, cotangents[i], type));
    const found = b.inline(transposed, [...residuals, ...given]);
    return linear.map((_, i) => (i < numResiduals ? undefined : at(found, i - numResiduals)));
  },
  scan,
  while: () => {
    throw new Error(
      "reverse-mode differentiation cannot go through while, which does not know how often it " +
        "runs: use scan (or forward mode)",
    );
  },
};
