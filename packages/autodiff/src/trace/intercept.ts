import type * as tf from "@tensorflow/tfjs-core";
import { literal } from "../ir/builder.ts";
import { sizeOf } from "../ir/shape.ts";
import type { LiteralData, TensorType } from "../ir/types.ts";
import { recordCustomOperation } from "./custom-vjp.ts";
import type { Attrs, Inputs, Interceptor } from "./engine.ts";
import { recordGradients } from "./gradients.ts";
import { lowerings } from "./lower/index.ts";
import { KernelCall } from "./lower/kernel-call.ts";
import type { Session } from "./session.ts";
import { typeOf } from "./tensors.ts";

const ADVICE: Readonly<Record<string, string>> = {
  Multinomial:
    "its random numbers would be frozen into the graph; use random.categorical with a key",
};

// The first stack line outside tfjs and this package is the user's line that called the op. In a bundle
// only tfjs's names are left to tell by: the op `unique` is `unique_` wrapped in `unique__op`.
const INTERNAL = /tfjs-core|tf-core|\/autodiff\/(src|dist)\/|\w_(_op)?( \(|@)/;

const callSite = (): string => {
  const lines = (new Error().stack ?? "").split("\n").slice(1);
  const mine = lines.find((line) => !INTERNAL.test(line));
  return mine === undefined ? "" : ` (${mine.trim()})`;
};

const runKernel = (session: Session, kernel: string, inputs: Inputs, attrs: Attrs = {}) => {
  const lower = lowerings[kernel];
  if (lower === undefined) {
    const why = ADVICE[kernel] ?? "run it outside the traced function";
    throw new Error(`trace: tfjs kernel "${kernel}" cannot be traced${callSite()}: ${why}`);
  }
  const operands = Object.fromEntries(
    Object.entries(inputs)
      .filter((entry): entry is [string, tf.Tensor] => entry[1] != null)
      .map(([name, x]) => [name, session.resolve(x)]),
  );
  const results = lower(new KernelCall(session.frame, kernel, operands, attrs));
  return "type" in results ? session.wrap(results) : results.map((value) => session.wrap(value));
};

// tfjs fills whole arrays for zeros, ones and seeds of gradients; one number is enough for them.
const constantData = (values: ArrayLike<unknown>, type: TensorType): LiteralData => {
  const flat = values as ArrayLike<number>;
  const size = sizeOf(type.shape);
  for (let i = 1; i < size; i++) {
    if (!Object.is(flat[i], flat[0])) return literal(type.dtype, flat);
  }
  return literal(type.dtype, size === 0 ? [] : [flat[0] ?? 0]);
};

const makeTensor = (
  session: Session,
  values: tf.BackendValues,
  shape: number[],
  dtype: tf.DataType = "float32",
): tf.Tensor => {
  const type = typeOf({ shape, dtype });
  return session.wrap(session.frame.constant(type, constantData(values, type)));
};

/** The engine's methods for the time of a trace. */
export function interceptor(session: Session): Interceptor {
  return {
    runKernel: (kernel, inputs, attrs) => runKernel(session, kernel, inputs, attrs),
    makeTensor: (values, shape, dtype) => makeTensor(session, values, shape, dtype),
    makeVariable: () => {
      throw new Error(
        "trace: a tf.Variable was created while tracing (optimizers do so on their first step); " +
          "create it before, for example with one ordinary call of the function",
      );
    },
    disposeTensor: (x) => session.dispose(x),
    disposeVariable: (x) => {
      throw new Error(`trace: variable "${x.name}" was disposed while tracing`);
    },
    // Only Variable.assign counts references, as its last step; a traced value needs no count.
    incRef: (x) => session.assigned(x),
    runKernelFunc: (operation) => recordCustomOperation(session, operation),
    gradients: (f, xs, dy, allowNoGradients) =>
      recordGradients(session, f, xs, dy, allowNoGradients ?? false),
  };
}
