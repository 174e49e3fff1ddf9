import { buildGraph } from "../../ir/builder.ts";
import { at } from "../../ir/shape.ts";
import type { ControlOp, Graph, OpAttrs, TensorType, Value } from "../../ir/types.ts";
import { names, type Operand, type Printer, type Scope } from "./scope.ts";
import { signature, typeList } from "./syntax.ts";

type Control = ControlOp;

const INT: TensorType = { shape: [], dtype: "i32" };

/** Writes a call of a private function. */
export const printCall = (
  scope: Scope,
  symbol: string,
  inputs: readonly Operand[],
  outputs: readonly TensorType[],
): Operand[] => {
  const text = `func.call @${symbol}(${names(inputs)}) : ${signature(inputs, outputs)}`;
  if (outputs.length > 0) return scope.op(outputs, text);
  scope.line(text);
  return [];
};

/** Keeps XLA from finding that a checkpointed body computes what was computed before. */
const printBarrier = (scope: Scope, inputs: readonly Operand[]): readonly Operand[] => {
  if (inputs.length === 0) return inputs;
  const text = `stablehlo.optimization_barrier ${names(inputs)} : ${typeList(inputs)}`;
  return scope.op(
    inputs.map(({ type }) => type),
    text,
  );
};

/** The loop that a scan is: (consts…, carry…, xs…) → (carry…, ys…) with a step counter. */
const scanLoop = (
  { body, length, numConsts, numCarry, reverse }: OpAttrs["scan"],
  types: readonly TensorType[],
  outputs: readonly TensorType[],
): Graph => {
  const xTypes = types.slice(numConsts + numCarry);
  const fixed = [...types.slice(0, numConsts), ...xTypes];
  const loopTypes = [
    INT,
    ...types.slice(numConsts, numConsts + numCarry),
    ...outputs.slice(numCarry),
  ];
  const condition = buildGraph(loopTypes, (b, [i]) => [b.compare(i!, "LT", b.fill(INT, length))]);
  const step = buildGraph([...fixed, ...loopTypes], (b, values) => {
    const consts = values.slice(0, numConsts);
    const xs = values.slice(numConsts, fixed.length);
    const i = at(values, fixed.length);
    const carry = values.slice(fixed.length + 1, fixed.length + 1 + numCarry);
    const ys = values.slice(fixed.length + 1 + numCarry);
    const row = reverse ? b.sub(b.fill(INT, length - 1), i) : i;
    const starts = (x: Value): Value[] => [row, ...x.type.shape.slice(1).map(() => b.zeros(INT))];
    const slices = xs.map((x) => {
      const shape = x.type.shape.slice(1);
      return b.reshape(b.one("dynamic_slice", [x, ...starts(x)], { sizes: [1, ...shape] }), shape);
    });
    const results = b.inline(body, [...consts, ...carry, ...slices]);
    const stacked = ys.map((y, k) => {
      const update = at(results, numCarry + k);
      const rowOfY = b.reshape(update, [1, ...update.type.shape]);
      return b.one("dynamic_update_slice", [y, rowOfY, ...starts(y)], {});
    });
    return [b.shift(i, 1), ...results.slice(0, numCarry), ...stacked];
  });
  return buildGraph(types, (b, values) => {
    const consts = values.slice(0, numConsts);
    const carry = values.slice(numConsts, numConsts + numCarry);
    const xs = values.slice(numConsts + numCarry);
    const ys = outputs.slice(numCarry).map((type) => b.zeros(type));
    const results = b.emit("while", [...consts, ...xs, b.zeros(INT), ...carry, ...ys], {
      condition,
      body: step,
      numConditionConsts: 0,
      numBodyConsts: fixed.length,
    });
    return results.slice(1);
  });
};

/** Text of operations that run other graphs. */
export const printControl: { readonly [K in Control]: Printer<K> } = {
  call: (scope, { inputs, attrs: { body, derivative }, outputs }) => {
    const operands = derivative.kind === "checkpoint" ? printBarrier(scope, inputs) : inputs;
    return printCall(scope, scope.functions.ofBody(body), operands, outputs);
  },
  linear_call: () => {
    throw new Error("toText: linear calls are expanded before they are printed");
  },
  scan: (scope, { inputs, attrs, outputs }) => {
    const types = inputs.map(({ type }) => type);
    // Of no rows, not even the body of a loop that never runs could take one.
    if (attrs.length === 0) {
      const graph = buildGraph(types, (b, values) => [
        ...values.slice(attrs.numConsts, attrs.numConsts + attrs.numCarry),
        ...outputs.slice(attrs.numCarry).map((type) => b.zeros(type)),
      ]);
      return scope.inline(graph, inputs);
    }
    return scope.inline(scanLoop(attrs, types, outputs), inputs);
  },
  // What the body only reads is carried along unchanged.
  while: (scope, { inputs, attrs: { condition, body, numConditionConsts, numBodyConsts } }) => {
    const types = inputs.map(({ type }) => type);
    const numConsts = numConditionConsts + numBodyConsts;
    const args = scope.args(types);
    const carry = args.slice(numConsts);
    const bound = args.map(({ name }, i) => `${name} = ${at(inputs, i).name}`).join(", ");
    const test = (): void =>
      scope.yield(scope.inline(condition, [...args.slice(0, numConditionConsts), ...carry]));
    const step = (): void => {
      const next = scope.inline(body, args.slice(numConditionConsts));
      scope.yield([...args.slice(0, numConsts), ...next]);
    };
    const head = `stablehlo.while(${bound}) : ${typeList(inputs)} cond {`;
    return scope.op(types, head, test, "} do {", step, "}").slice(numConsts);
  },
};
