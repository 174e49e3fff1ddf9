import { type Infer, reject } from "./check.ts";
import { at, sameType, showType } from "./shape.ts";
import type { ControlOp, Graph, TensorType } from "./types.ts";

type Control = ControlOp;

const outputTypes = (graph: Graph): TensorType[] => graph.outputs.map((v) => v.type);

const checkInputs = (op: string, graph: Graph, given: readonly TensorType[]): void => {
  const fits =
    graph.inputs.length === given.length &&
    graph.inputs.every((v, i) => sameType(v.type, at(given, i)));
  if (!fits) {
    reject(op, given, `body takes (${graph.inputs.map((v) => showType(v.type)).join(", ")})`);
  }
};

const row = (x: TensorType): TensorType => ({ shape: x.shape.slice(1), dtype: x.dtype });

/** Type rules of operations that run other graphs. */
export const inferControl: { readonly [K in Control]: Infer<K> } = {
  call: (inputs, { body }) => {
    checkInputs("call", body, inputs);
    return outputTypes(body);
  },
  linear_call: (_, { numResiduals, transposed }) =>
    transposed.inputs.slice(numResiduals).map((v) => v.type),
  scan: (inputs, { body, length, numConsts, numCarry }) => {
    const fixed = inputs.slice(0, numConsts + numCarry);
    const xs = inputs.slice(numConsts + numCarry);
    for (const x of xs) {
      if (x.shape[0] !== length) reject("scan", [x], `expected ${length} rows on axis 0`);
    }
    checkInputs("scan", body, [...fixed, ...xs.map(row)]);
    const outputs = outputTypes(body);
    const carry = outputs.slice(0, numCarry);
    carry.forEach((type, i) => {
      const before = at(inputs, numConsts + i);
      if (!sameType(type, before)) {
        reject("scan", [type], `carry ${i} must stay ${showType(before)}`);
      }
    });
    const stacked = outputs
      .slice(numCarry)
      .map(({ shape, dtype }): TensorType => ({ shape: [length, ...shape], dtype }));
    return [...carry, ...stacked];
  },
  while: (inputs, { condition, body, numConditionConsts, numBodyConsts }) => {
    const carry = inputs.slice(numConditionConsts + numBodyConsts);
    checkInputs("while condition", condition, [...inputs.slice(0, numConditionConsts), ...carry]);
    checkInputs("while body", body, inputs.slice(numConditionConsts));
    const test = outputTypes(condition);
    if (test.length !== 1 || !sameType(at(test, 0), { shape: [], dtype: "bool" })) {
      reject("while condition", test, "expected one bool scalar as result");
    }
    const fits = body.outputs.every((v, i) => sameType(v.type, at(carry, i)));
    if (!fits || body.outputs.length !== carry.length) {
      reject("while body", outputTypes(body), "carry must keep its types");
    }
    return carry;
  },
};
