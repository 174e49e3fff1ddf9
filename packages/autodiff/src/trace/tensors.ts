import * as tf from "@tensorflow/tfjs-core";
import type { DType, TensorType, Value } from "../ir/types.ts";

const DTYPES: Readonly<Record<string, DType>> = { float32: "f32", int32: "i32", bool: "bool" };

/** The IR type of a tfjs tensor; throws for strings and complex numbers, which the IR does not have. */
export function typeOf(x: {
  readonly shape: readonly number[];
  readonly dtype: string;
}): TensorType {
  const dtype = DTYPES[x.dtype];
  if (dtype === undefined) {
    throw new Error(`trace: expected dtype float32, int32 or bool, got ${x.dtype} [${x.shape}]`);
  }
  return { shape: [...x.shape], dtype };
}

/** The tfjs dtype that carries an IR dtype; unsigned integers travel as int32 with the same bits. */
export function tfDType(dtype: DType): "float32" | "int32" | "bool" {
  if (dtype === "bool") return "bool";
  return dtype === "f32" || dtype === "f16" ? "float32" : "int32";
}

// Keyed by dataId and not by tensor: tfjs makes several tensors for one dataId (reshape, Variable).
const values = new WeakMap<object, Value>();

/** The value that a traced tensor stands for, undefined for a tensor with data. */
export const tracedValue = (x: tf.TensorInfo): Value | undefined => values.get(x.dataId);

/** An abstract tfjs tensor that stands for a value. */
export function tensorOf(value: Value, backend: tf.KernelBackend): tf.Tensor {
  const dataId = {};
  values.set(dataId, value);
  const { shape, dtype } = value.type;
  const info = { dataId, shape: [...shape], dtype: tfDType(dtype) };
  return tf.engine().makeTensorFromTensorInfo(info, backend);
}
