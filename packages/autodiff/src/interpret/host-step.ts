import type { TensorInfo } from "@tensorflow/tfjs-core";
import { evaluateNode, type HostTensor } from "../host/index.ts";
import { at, isFloat } from "../ir/shape.ts";
import type { OpAttrs, OpName, TensorType } from "../ir/types.ts";
import { full } from "./broadcast.ts";
import type { Emitter } from "./emitter.ts";
import { reading, type Stepwise } from "./pause.ts";
import { tfType, type Val, whole } from "./ref.ts";
import { type Elements, elementsOf, type Target, upload } from "./target.ts";

const received = (values: Elements, { shape, dtype }: TensorType): HostTensor => {
  const type = { shape, dtype };
  if (isFloat(dtype)) return { type, data: Float64Array.from(values) };
  // tfjs knows no unsigned integers: the same bits, read as unsigned.
  if (dtype === "u32") return { type, data: Uint32Array.from(values) };
  return { type, data: dtype === "bool" ? Uint8Array.from(values) : Int32Array.from(values) };
};

const sent = ({ backend }: Target, { type, data }: HostTensor): TensorInfo => {
  const dtype = tfType(type.dtype);
  return upload(backend, elementsOf(dtype, data), type.shape, dtype);
};

/**
 * An operation computed on the host because the backend has no kernels for it. Where the backend
 * cannot be read synchronously only `runAsync` can do that.
 */
export const onHost = <K extends OpName>(
  e: Emitter,
  op: K,
  inputs: readonly Val[],
  attrs: OpAttrs[K],
  types: readonly TensorType[],
): Val[] => {
  const { target } = e;
  function* evaluate(infos: readonly TensorInfo[]): Stepwise<TensorInfo[]> {
    const values = yield* reading(target, infos);
    const given = inputs.map((x, i) => received(at(values, i), x));
    return evaluateNode(op, given, attrs).map((result) => sent(target, result));
  }
  const results = types.map(({ shape, dtype }) => ({ shape, dtype: tfType(dtype) }));
  const refs = inputs.map((x) => full(e, x));
  const outputs = e.step(`${op} on the host`, refs, results, evaluate, {
    waits: !target.readsSync,
    kernels: 0,
  });
  e.pool.hostOps.push(op);
  return outputs.map((ref, i) => whole(ref, at(types, i).dtype));
};
