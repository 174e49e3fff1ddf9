import type * as tf from "@tensorflow/tfjs-core";
import { buildGraph } from "../ir/builder.ts";
import { at, showType } from "../ir/shape.ts";
import type { Graph, Value } from "../ir/types.ts";
import type { CustomGradientFunction } from "./engine.ts";
import type { Nested, Session } from "./session.ts";

/** Throws where a body that must be a pure function assigns a variable. */
export function requirePure(what: string, { assigned }: Nested): void {
  if (assigned.length === 0) return;
  throw new Error(`${what}: variable "${at(assigned, 0).name}" is assigned inside it`);
}

/** Results of a function and the function that maps their cotangents to those of its inputs. */
export interface Differentiable {
  readonly values: readonly tf.Tensor[];
  readonly backward: (cotangents: tf.Tensor[]) => readonly tf.Tensor[];
}

/**
 * Records a function with a reverse-mode rule of its own and calls it in the current frame.
 *
 * The rule is recorded at once, inside the open body of the function, so that whatever it uses of that
 * body (saved or closed over) becomes a residual. Tensors from outside that the function closes over
 * get no gradient, as on tfjs's tape.
 */
export function callWithVjp(
  session: Session,
  what: string,
  inputs: readonly Value[],
  fn: (args: tf.Tensor[]) => Differentiable,
): readonly Value[] {
  let count = 0;
  const recorded = session.open((frame) => {
    const { values, backward } = fn(inputs.map((v) => session.input(v.type)));
    const results = values.map((x) => session.resolve(x));
    count = results.length;
    const rule = session.nested(
      results.map((v) => v.type),
      backward,
    );
    requirePure(what, rule);
    checkGradients(what, inputs, rule.graph);
    const forward = session.close(frame, [...results, ...rule.captures]);
    requirePure(what, forward);
    return { forward, rule: rule.graph };
  });
  const { graph: fwd, captures } = recorded.forward;
  const body: Graph = { ...fwd, outputs: fwd.outputs.slice(0, count) };
  const bwd = withZeros(recorded.rule, captures);
  return session.frame.emit("call", [...captures, ...inputs], {
    body,
    derivative: { kind: "custom_vjp", fwd, bwd },
  });
}

function checkGradients(what: string, inputs: readonly Value[], { outputs }: Graph): void {
  const fits =
    outputs.length === inputs.length &&
    outputs.every((v, i) => `${v.type.shape}` === `${at(inputs, i).type.shape}`);
  if (fits) return;
  const list = (values: readonly Value[]) => values.map((v) => showType(v.type)).join(", ");
  throw new Error(`${what}: expected gradients like (${list(inputs)}), got (${list(outputs)})`);
}

/** The rule with zero cotangents for captured values in front of its outputs. */
function withZeros(graph: Graph, captures: readonly Value[]): Graph {
  return buildGraph(
    graph.inputs.map((v) => v.type),
    (b, inputs) => [...captures.map((v) => b.zeros(v.type)), ...b.inline(graph, inputs)],
  );
}

/** `tf.customGrad(f)` inside a trace. */
export function recordCustomGrad(
  session: Session,
  f: CustomGradientFunction,
): (...inputs: tf.Tensor[]) => tf.Tensor {
  return (...tensors) => {
    const inputs = tensors.map((x) => session.resolve(x));
    const [y] = callWithVjp(session, "customGrad", inputs, (args) => {
      let saved: tf.Tensor[] = [];
      const save: tf.GradSaveFunc = (xs) => {
        saved = xs;
      };
      const { value, gradFunc } = f(...args, save);
      return { values: [value], backward: ([dy]) => [gradFunc(dy as tf.Tensor, saved)].flat() };
    });
    return session.wrap(y as Value);
  };
}
