import { showType } from "./shape.ts";
import type { OpAttrs, OpName, TensorType } from "./types.ts";

/** Result types of an operation from its operand types; throws where they do not fit. */
export type Infer<K extends OpName> = (
  inputs: readonly TensorType[],
  attrs: OpAttrs[K],
) => readonly TensorType[];

/** Throws an error that names the operation, the operands it got and what it wanted. */
export const reject = (op: string, inputs: readonly TensorType[], wanted: string): never => {
  throw new Error(`${op}: ${wanted}, got (${inputs.map(showType).join(", ")})`);
};

/** The operands, checked to be exactly `count`. */
export const operands = <N extends number>(
  op: string,
  inputs: readonly TensorType[],
  count: N,
): readonly [TensorType, TensorType, TensorType] => {
  if (inputs.length !== count) reject(op, inputs, `expected ${count} operands`);
  return inputs as unknown as readonly [TensorType, TensorType, TensorType];
};
