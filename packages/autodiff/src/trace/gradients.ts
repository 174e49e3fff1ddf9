import * as tf from "@tensorflow/tfjs-core";
import { at, isFloat } from "../ir/shape.ts";
import type { Value } from "../ir/types.ts";
import { vjpInto } from "../transform/index.ts";
import type { Session } from "./session.ts";

/**
 * `tf.grad`, `tf.grads`, `tf.variableGrads` … inside a trace: the function is recorded as a body and
 * differentiated on the IR, because tfjs's own tape gives wrong derivatives of derivatives.
 *
 * As in tfjs, a tensor that `f` does not use has no gradient (undefined).
 */
export function recordGradients(
  session: Session,
  f: () => tf.Tensor,
  xs: readonly tf.Tensor[],
  dy: tf.Tensor | null | undefined,
  allowNoGradients: boolean,
): { value: tf.Tensor; grads: (tf.Tensor | undefined)[] } {
  const targets = xs.map((x) => session.resolve(x));
  const { frame, recorded } = session.open((frame) => {
    const y = f();
    if (!(y instanceof tf.Tensor)) {
      throw new Error("gradients: the function must return a tensor");
    }
    return { frame, recorded: session.close(frame, [session.resolve(y)]) };
  });
  const { graph, captures, assigned } = recorded;
  const wrt = captures.map((v) => targets.includes(v) && isFloat(v.type.dtype));
  if (!allowNoGradients && !wrt.includes(true)) {
    throw new Error(
      "gradients: the result does not depend on any of the tensors to differentiate by; " +
        "the function must contain every operation between them",
    );
  }
  // As in tfjs, tensors that the function keeps in variables (metrics, say) can be used afterwards.
  const inside = graph.nodes.flatMap((node) => node.outputs);
  const whole = { ...graph, outputs: [...graph.outputs, ...inside] };
  const { outputs, pullback } = vjpInto(session.frame, whole, captures, wrt);
  const count = graph.outputs.length;
  session.frame.adopt(
    frame,
    new Map([
      ...graph.inputs.map((v, i): [Value, Value] => [v, at(captures, i)]),
      ...inside.map((v, i): [Value, Value] => [v, at(outputs, count + i)]),
    ]),
  );
  session.assign(assigned, outputs.slice(1, count));
  const y = at(outputs, 0);
  const seed = dy == null ? session.frame.fill(y.type, 1) : session.resolve(dy);
  const cotangents = pullback(outputs.map((_, i) => (i === 0 ? seed : undefined)));
  const gradient = (target: Value): tf.Tensor | undefined => {
    const i = captures.indexOf(target);
    if (i < 0 || !wrt[i]) return undefined;
    return session.wrap(cotangents[i] ?? session.frame.zeros(target.type));
  };
  return { value: session.wrap(y), grads: targets.map(gradient) };
}
