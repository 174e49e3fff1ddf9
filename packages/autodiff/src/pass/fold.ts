import { evaluateNode, hostTensor } from "../host/index.ts";
import type { Builder } from "../ir/builder.ts";
import { at, isFloat, sizeOf } from "../ir/shape.ts";
import {
  BINARY_OPS,
  type DType,
  type LiteralData,
  type NodeOf,
  type OpAttrs,
  type OpName,
  UNARY_OPS,
  type Value,
} from "../ir/types.ts";

const ELEMENTWISE: ReadonlySet<string> = new Set<OpName>([
  ...UNARY_OPS,
  ...BINARY_OPS,
  "compare",
  "select",
  "clamp",
  "convert",
  "is_finite",
]);
// Folding never grows a graph by more elements than this, nor reads more than that.
const LIMIT = 256;
const OPERAND_LIMIT = 4096;

/** The constant behind a value, if it is one. */
export const constantOf = (v: Value): NodeOf<"constant"> | undefined =>
  v.producer?.op === "constant" ? v.producer : undefined;

/** The number that a constant has everywhere, if it has one. */
export const splatOf = (v: Value): number | undefined => {
  const data = constantOf(v)?.attrs.data;
  return data?.length === 1 ? data[0] : undefined;
};

/**
 * Computes a node whose operands are constants. Splats stay splats: an elementwise operation on them
 * costs one element whatever the shape.
 */
export function foldConstants<K extends OpName>(
  b: Builder,
  op: K,
  inputs: readonly Value[],
  attrs: OpAttrs[K],
  outputs: readonly Value["type"][],
): readonly Value[] | undefined {
  if (inputs.length === 0 || outputs.length !== 1) return undefined;
  const type = at(outputs, 0);
  if (op === "broadcast_in_dim" || op === "reshape" || op === "transpose") {
    const x = at(inputs, 0);
    const data = constantOf(x)?.attrs.data;
    if (data?.length === 1) return [b.constant(type, data)];
  }
  const constants = inputs.map(constantOf);
  if (!constants.every((c) => c !== undefined)) return undefined;
  const splats = ELEMENTWISE.has(op) && constants.every((c) => c.attrs.data.length === 1);
  const small =
    sizeOf(type.shape) <= LIMIT &&
    inputs.every((v) => sizeOf(v.type.shape) <= OPERAND_LIMIT) &&
    op !== "scan" &&
    op !== "while";
  const foldable = splats || small;
  if (!foldable) return undefined;
  const operands = constants.map(({ attrs: c }) =>
    hostTensor({ ...c.type, shape: splats ? [] : c.type.shape }, rounded(c.type.dtype, c.data)),
  );
  const [result] = evaluateNode(op, operands, attrs, { round: "f32" });
  return result && [b.constant(type, result.data)];
}

// What a device would compute with; constants are kept as doubles.
const rounded = (dtype: DType, data: LiteralData): ArrayLike<number> =>
  isFloat(dtype) ? Float64Array.from(data, Math.fround) : data;
