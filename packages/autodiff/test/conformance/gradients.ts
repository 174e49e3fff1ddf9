import * as tf from "@tensorflow/tfjs-core";
import { compile } from "../../src/api/compile.ts";
import type { EngineInternals } from "../../src/trace/engine.ts";
import { stats } from "./stats.ts";

type Gradients = EngineInternals["gradients"];

/**
 * Lets `tf.grad` and its relatives, which all end in the engine's method `gradients`, differentiate
 * by the rules of the IR: the call is traced, where it is lowered to a vjp, and the graph is run.
 */
export const routeGradients = (): void => {
  const engine = tf.engine() as unknown as EngineInternals;
  const gradients: Gradients = (f, xs, dy, allowNoGradients) => {
    stats.gradients++;
    const used: boolean[] = [];
    const compiled = compile(() => {
      // During the trace this is the engine's own property that lowers the call.
      const { value, grads } = engine.gradients(f, xs, dy, allowNoGradients);
      grads.forEach((g, i) => {
        used[i] = g !== undefined;
      });
      return [value, ...grads.filter((g) => g !== undefined)];
    });
    const results = compiled();
    compiled.dispose();
    const [value, ...rest] = results;
    return { value: value!, grads: xs.map((_, i) => (used[i] ? rest.shift() : undefined)) };
  };
  Object.getPrototypeOf(engine).gradients = gradients;
};
