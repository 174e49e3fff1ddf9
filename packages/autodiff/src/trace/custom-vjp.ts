import type * as tf from "@tensorflow/tfjs-core";
import { buildGraph } from "../ir/builder.ts";
import { at, isFloat, sameShape, showType } from "../ir/shape.ts";
import type { Graph, Value } from "../ir/types.ts";
import { sum } from "../transform/tangent.ts";
import type { CustomOperation } from "./engine.ts";
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
    // Inputs come in as captures too: a tfjs operation closes over its operands.
    const { values, backward } = fn(inputs.map((v) => session.wrap(frame.lift(v))));
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
  const bwd = byCapture(recorded.rule, inputs, captures);
  return session.frame.emit("call", captures, {
    body,
    derivative: { kind: "custom_vjp", fwd, bwd },
  });
}

function checkGradients(what: string, inputs: readonly Value[], { outputs }: Graph): void {
  const fits =
    outputs.length === inputs.length &&
    outputs.every((v, i) => sameShape(v.type.shape, at(inputs, i).type.shape));
  if (fits) return;
  const list = (values: readonly Value[]) => values.map((v) => showType(v.type)).join(", ");
  throw new Error(`${what}: expected gradients like (${list(inputs)}), got (${list(outputs)})`);
}

/**
 * The rule with one cotangent per capture: those of the inputs that it stands for, zero where it is
 * closed over only.
 */
function byCapture(graph: Graph, inputs: readonly Value[], captures: readonly Value[]): Graph {
  return buildGraph(
    graph.inputs.map((v) => v.type),
    (b, values) => {
      const cotangents = b.inline(graph, values);
      return captures.map((capture) => {
        const uses = cotangents.filter((_, i) => inputs[i] === capture);
        if (uses.length === 0 || !isFloat(capture.type.dtype)) return b.zeros(capture.type);
        return uses.reduce((total, ct) => sum(b, total, ct) as Value);
      });
    },
  );
}

/** An operation with a gradient of its own inside a trace, as `tf.customGrad` makes one. */
export function recordCustomOperation(
  session: Session,
  { inputs, forwardFunc, backwardsFunc }: CustomOperation,
): tf.Tensor | tf.Tensor[] {
  const operands = Object.values(inputs).map((x) => session.resolve(x));
  let several = false;
  const results = callWithVjp(session, "customGrad", operands, () => {
    let saved: tf.Tensor[] = [];
    const value = forwardFunc(session.backend, (xs) => {
      saved = xs;
    });
    several = Array.isArray(value);
    const backward = (dys: tf.Tensor[]): tf.Tensor[] => {
      const gradients = backwardsFunc(several ? dys : at(dys, 0), saved);
      return Object.keys(inputs).map((name) => gradients[name]?.() as tf.Tensor);
    };
    return { values: [value].flat(), backward };
  });
  const tensors = results.map((v) => session.wrap(v));
  return several ? tensors : at(tensors, 0);
}
