import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import type { HostTensor } from "../../src/host/index.ts";
import { prepare } from "../../src/interpret/index.ts";
import { isFloat } from "../../src/ir/shape.ts";
import type { Graph } from "../../src/ir/types.ts";

type Values = Float32Array | Int32Array | Uint8Array;

/** A tfjs tensor with the elements of a host tensor; u32 as the same bits in int32. */
export const toTensor = ({ type, data }: HostTensor): tf.Tensor => {
  const { dtype } = type;
  const shape = [...type.shape];
  if (isFloat(dtype)) return tf.tensor(Float32Array.from(data), shape, "float32");
  if (dtype === "bool") return tf.tensor(Uint8Array.from(data), shape, "bool");
  return tf.tensor(
    Int32Array.from(data, (v) => v | 0),
    shape,
    "int32",
  );
};

/** Elements of a tensor as numbers, int32 read as unsigned where the host says so. */
export const read = async (tensor: tf.Tensor, like: HostTensor): Promise<number[]> => {
  const values = (await tensor.data()) as Values;
  return Array.from(values, (v) => (like.type.dtype === "u32" ? v >>> 0 : v));
};

/** Everything tfjs counts: tensors, bytes, and buffers of the backend. */
export const counts = (): readonly number[] => {
  const { numTensors, numDataBuffers, numBytes } = tf.memory();
  return [numTensors, numDataBuffers, numBytes, tf.engine().backend.numDataIds()];
};

/** Runs a graph twice by the interpreter, checks that nothing leaks, and returns both results. */
export const runTwice = async (
  graph: Graph,
  inputs: readonly HostTensor[],
): Promise<tf.Tensor[][]> => {
  const plan = prepare(graph);
  const given = inputs.map(toTensor);
  const runs = [await plan.runAsync(given), await plan.runAsync(given)];
  for (const tensor of given) tensor.dispose();
  plan.dispose();
  return runs;
};
