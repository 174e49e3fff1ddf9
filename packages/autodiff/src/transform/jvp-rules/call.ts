import { Builder, buildGraph } from "../../ir/builder.ts";
import { at } from "../../ir/shape.ts";
import type { Derivative, Graph, OpAttrs, Value } from "../../ir/types.ts";
import { linearValues } from "../linear-values.ts";
import { prune } from "../prune.ts";
import { separate } from "../separate.ts";
import { differentiable, materialize, pick, present, unpick } from "../tangent.ts";
import { transposeInto } from "../transpose.ts";
import type { Dual, JointArgs, JointRule, Tangent } from "../types.ts";

type Args = JointArgs<"call">;
type Kind<K extends Derivative["kind"]> = Extract<Derivative, { readonly kind: K }>;

/** A graph (inputs…, given tangents…) → (outputs…, tangents…) in which zero tangents are left out. */
const tangentGraph = (
  body: Graph,
  { inputs, tangents, mode, jvpInto }: Args,
): { readonly graph: Graph; readonly mask: boolean[] } => {
  const given = present(tangents);
  const b = new Builder();
  const primals = inputs.map((v) => b.input(v.type));
  const duals = unpick(
    pick(inputs, given).map((v) => b.input(v.type)),
    given,
  );
  const dual = jvpInto(b, body, primals, duals, mode);
  const mask = present(dual.tangents);
  return {
    graph: b.finish([...dual.outputs, ...dual.tangents.filter((t) => t !== undefined)]),
    mask,
  };
};

/**
 * The tangents are computed by a second call from the inputs alone, so that nothing is kept of the
 * first; where they need not be transposed one call computes both.
 */
const checkpoint = (b: Builder, args: Args): Dual => {
  const { inputs, attrs, tangents, mode } = args;
  const { graph, mask } = tangentGraph(attrs.body, args);
  const count = attrs.body.outputs.length;
  const operands = [...inputs, ...tangents.filter((t) => t !== undefined)];
  const { derivative } = attrs;
  if (mode === "joint") {
    const found = b.emit("call", operands, { body: graph, derivative });
    return { outputs: found.slice(0, count), tangents: unpick(found.slice(count), mask) };
  }
  const outputs = b.emit("call", inputs, attrs);
  if (!mask.includes(true)) return { outputs, tangents: [] };
  const body = prune(graph, graph.outputs.slice(count));
  return { outputs, tangents: unpick(b.emit("call", operands, { body, derivative }), mask) };
};

const customJvp = (b: Builder, { inputs, attrs, tangents, mode }: Args, jvp: Graph): Dual => {
  const given = inputs.map((v, i) => materialize(b, tangents[i], v.type));
  const linear = [...inputs.map(() => false), ...present(tangents)];
  const rule = mode === "joint" ? jvp : separate(jvp, linear);
  // What does not depend on the given tangents is linear in zeros: zero.
  const varying = linearValues(rule, linear);
  const found = b.inline(rule, [...inputs, ...given]);
  const count = attrs.body.outputs.length;
  return {
    outputs: found.slice(0, count),
    tangents: found.slice(count).map((t, i) => {
      return varying.has(at(rule.outputs, count + i)) ? t : undefined;
    }),
  };
};

/** `bwd` as a graph between the cotangents that are not zero. */
const transposedOf = (
  { fwd, bwd }: Kind<"custom_vjp">,
  outputs: readonly Value[],
  wanted: readonly boolean[],
): Graph => {
  const residuals = fwd.outputs.slice(outputs.length).map((v) => v.type);
  const floats = outputs.map((v) => differentiable(v.type));
  const types = [...residuals, ...pick(outputs, floats).map((v) => v.type)];
  return buildGraph(types, (b, inputs) => {
    const cotangents = unpick(inputs.slice(residuals.length), floats);
    const all = outputs.map((v, i) => materialize(b, cotangents[i], v.type));
    return pick(b.inline(bwd, [...inputs.slice(0, residuals.length), ...all]), wanted);
  });
};

/** Forward mode runs the map that `bwd` transposes; for reverse mode `bwd` itself is kept. */
const customVjp = (b: Builder, args: Args, derivative: Kind<"custom_vjp">): Dual => {
  const count = args.attrs.body.outputs.length;
  const found = b.inline(derivative.fwd, args.inputs);
  const [outputs, residuals] = [found.slice(0, count), found.slice(count)];
  const given = present(args.tangents);
  const attrs = {
    numResiduals: residuals.length,
    transposed: transposedOf(derivative, outputs, given),
  };
  const operands = [...residuals, ...args.tangents.filter((t) => t !== undefined)];
  const tangents =
    args.mode === "joint"
      ? b.inline(expansion(attrs), operands)
      : b.emit("linear_call", operands, attrs);
  const floats = outputs.map((v) => differentiable(v.type));
  return { outputs, tangents: unpick(tangents, floats) };
};

/** A call is differentiated as its kind says. */
export const call: JointRule<"call"> = (b, args) => {
  const { derivative, body } = args.attrs;
  switch (derivative.kind) {
    case "inline":
      return args.jvpInto(b, body, args.inputs, args.tangents, args.mode);
    case "checkpoint":
      return checkpoint(b, args);
    case "custom_jvp":
      return customJvp(b, args, derivative.jvp);
    case "custom_vjp":
      return customVjp(b, args, derivative);
  }
};

/** The linear map itself as a graph (residuals…, tangents…) → outputs: the transpose of its transpose. */
export const expansion = ({ numResiduals, transposed }: OpAttrs["linear_call"]): Graph => {
  const residuals = transposed.inputs.slice(0, numResiduals).map((v) => v.type);
  const types = [...residuals, ...transposed.outputs.map((v) => v.type)];
  const cotangents = transposed.inputs.slice(numResiduals);
  return buildGraph(types, (b, inputs) => {
    const linear = transposed.inputs.map((_, i) => i >= numResiduals);
    const operands: Tangent[] = inputs.slice(0, numResiduals);
    const found = transposeInto(b, transposed, linear, operands, inputs.slice(numResiduals));
    return cotangents.map((v, i) => materialize(b, found[numResiduals + i], v.type));
  });
};

/** Linear in the tangents; where residuals vary as well, its expansion is differentiated. */
export const linearCall: JointRule<"linear_call"> = (b, args) => {
  const { inputs, attrs, tangents, mode, jvpInto } = args;
  const residualsVary = tangents.slice(0, attrs.numResiduals).some((t) => t !== undefined);
  if (residualsVary) return jvpInto(b, expansion(attrs), inputs, tangents, mode);
  const given = inputs.map((v, i) => tangents[i] ?? (i < attrs.numResiduals ? v : b.zeros(v.type)));
  return {
    outputs: b.emit("linear_call", inputs, attrs),
    tangents: b.emit("linear_call", given, attrs),
  };
};
