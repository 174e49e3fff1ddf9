import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll } from "vitest";

/** A vector of two numbers, as an argument of `trace`. */
export const PAIR = { shape: [2], dtype: "float32" } as const;
/** A number, as an argument of `trace`. */
export const SCALAR = { shape: [], dtype: "float32" } as const;

/** Makes tfjs's cpu backend the active one for the file. */
export const onCpu = (): void => {
  beforeAll(async () => {
    await tf.setBackend("cpu");
    await tf.ready();
  });
};

interface Engine {
  readonly state: object;
  readonly backendName: string;
  readonly backend: tf.KernelBackend;
}

/** Everything about tfjs's engine that a trace could disturb. */
export const engineSnapshot = (): Record<string, unknown> => {
  const engine = tf.engine() as unknown as Engine;
  const { unreliable: _, reasons: __, ...memory } = tf.memory();
  return {
    state: engine.state,
    fields: { ...engine.state },
    backendName: engine.backendName,
    backend: engine.backend,
    buffers: engine.backend.numDataIds(),
    own: Object.keys(engine).sort(),
    random: Math.random,
    memory,
  };
};

/** A `tf.variable` that lives for the time of a function. */
export const withVariable = <R>(value: tf.TensorLike, fn: (v: tf.Variable) => R): R => {
  const v = tf.tidy(() => tf.variable(tf.tensor(value)));
  try {
    return fn(v);
  } finally {
    v.dispose();
  }
};
