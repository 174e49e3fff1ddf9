import { buildGraph } from "../../../ir/builder.ts";
import { at, isFloat } from "../../../ir/shape.ts";
import type { Derivative, Graph } from "../../../ir/types.ts";
import { batchGraph, either, everyBatched, stacked } from "../stack.ts";
import type { BatchArgs, Batched, BatchRule } from "../types.ts";

type Args = BatchArgs<"call">;
type Kind<K extends Derivative["kind"]> = Extract<Derivative, { readonly kind: K }>;
type Rewritten = {
  readonly body: Graph;
  readonly derivative: Derivative;
  readonly mask: readonly boolean[];
};

const checkpoint = ({ attrs, batched, size, vmapInto }: Args): Rewritten => {
  const { graph, batched: mask } = batchGraph(vmapInto, attrs.body, batched, size);
  return { body: graph, derivative: attrs.derivative, mask };
};

/** A result is batched where it or its tangent is, in the function and in its rule alike. */
const customJvp = (args: Args, { jvp }: Kind<"custom_jvp">): Rewritten => {
  const { attrs, batched, size, vmapInto } = args;
  const count = attrs.body.outputs.length;
  const twice = [...batched, ...batched];
  const plain = batchGraph(vmapInto, attrs.body, batched, size).batched;
  const ruled = batchGraph(vmapInto, jvp, twice, size).batched;
  const mask = either(either(plain, ruled.slice(0, count)), ruled.slice(count));
  const batch = (graph: Graph, inputs: readonly boolean[], force: readonly boolean[]): Graph =>
    batchGraph(vmapInto, graph, inputs, size, force).graph;
  return {
    body: batch(attrs.body, batched, mask),
    derivative: { kind: "custom_jvp", jvp: batch(jvp, twice, [...mask, ...mask]) },
    mask,
  };
};

/**
 * All results are batched, so that every example has its own cotangents. An input that the examples
 * share gets the sum of their cotangents.
 */
const customVjp = (args: Args, { fwd, bwd }: Kind<"custom_vjp">): Rewritten => {
  const { attrs, batched, size, vmapInto } = args;
  const mask = attrs.body.outputs.map(() => true);
  const body = batchGraph(vmapInto, attrs.body, batched, size, mask).graph;
  const forward = batchGraph(vmapInto, fwd, batched, size, mask);
  const given = [...forward.batched.slice(mask.length), ...mask];
  const each = batchGraph(
    vmapInto,
    bwd,
    given,
    size,
    bwd.outputs.map(() => true),
  ).graph;
  const backward = buildGraph(
    each.inputs.map((v) => v.type),
    (b, inputs) =>
      b.inline(each, inputs).map((ct, i) => {
        if (batched[i]) return ct;
        const { type } = at(body.inputs, i);
        return isFloat(type.dtype) ? b.reduce(ct, "add", [0]) : b.zeros(type);
      }),
  );
  return { body, derivative: { kind: "custom_vjp", fwd: forward.graph, bwd: backward }, mask };
};

const rewrite = (args: Args): Rewritten => {
  const { derivative } = args.attrs;
  switch (derivative.kind) {
    case "inline":
    case "checkpoint":
      return checkpoint(args);
    case "custom_jvp":
      return customJvp(args, derivative);
    case "custom_vjp":
      return customVjp(args, derivative);
  }
};

/** The function and the rules of its derivative are batched alike. */
export const call: BatchRule<"call"> = (b, args): Batched => {
  const { mask, ...attrs } = rewrite(args);
  return { outputs: b.emit("call", args.inputs, attrs), batched: mask };
};

/** All tangents and results are batched, residuals as they are given. */
export const linearCall: BatchRule<"linear_call"> = (b, args) => {
  const { inputs, batched, attrs, size, vmapInto } = args;
  const { numResiduals, transposed } = attrs;
  const mask = transposed.inputs.map((_, i) => i >= numResiduals || batched[i] === true);
  const force = transposed.outputs.map(() => true);
  const { graph } = batchGraph(vmapInto, transposed, mask, size, force);
  const operands = inputs.map((v, i) => (i < numResiduals ? v : stacked(b, args, i)));
  return everyBatched(b.emit("linear_call", operands, { numResiduals, transposed: graph }));
};
