import { at, range } from "../../ir/shape.ts";
import type { Value } from "../../ir/types.ts";
import { applyActivation } from "./activation.ts";
import { einsum } from "./einsum.ts";
import type { KernelCall } from "./kernel-call.ts";
import type { Family } from "./lowering.ts";
import { alignPair, arithmetic, unify } from "./operands.ts";

/** Kernels that contract axes of two operands. */
export type MatmulKernel = "BatchMatMul" | "Einsum" | "_FusedMatMul";

interface Operand {
  readonly value: Value;
  /** For each batch axis of the result, the operand's own axis, −1 where it has size 1 or none. */
  readonly batch: readonly number[];
  readonly free: number;
  readonly contracting: number;
}

// Batch axes of size 1 are dropped and not stretched, so that nothing is multiplied twice.
const operand = (call: KernelCall, x: Value, rank: number, transposed: boolean): Operand => {
  const { shape } = x.type;
  const batchShape = shape.slice(0, -2);
  const kept = range(batchShape.length).filter((i) => batchShape[i] !== 1);
  const [rows, columns] = [kept.length, kept.length + 1];
  return {
    value: call.b.reshape(x, [...kept.map((i) => at(shape, i)), ...shape.slice(-2)]),
    batch: range(rank).map((i) => kept.indexOf(i - rank + batchShape.length)),
    free: transposed ? columns : rows,
    contracting: transposed ? rows : columns,
  };
};

const batchMatMul = (call: KernelCall): Value => {
  const { b } = call;
  const [a, c] = unify(b, [arithmetic(b, call.input("a")), arithmetic(b, call.input("b"))]);
  if (a === undefined || c === undefined) throw call.error("expected two operands");
  const rank = Math.max(a.type.shape.length, c.type.shape.length) - 2;
  if (a.type.shape.length < 2 || c.type.shape.length < 2) {
    throw call.error(`expected matrices, got [${a.type.shape}] and [${c.type.shape}]`);
  }
  const x = operand(call, a, rank, call.flag("transposeA"));
  const y = operand(call, c, rank, !call.flag("transposeB"));
  const shared = range(rank).filter((i) => at(x.batch, i) >= 0 && at(y.batch, i) >= 0);
  const dims = {
    lhsBatch: shared.map((i) => at(x.batch, i)),
    rhsBatch: shared.map((i) => at(y.batch, i)),
    lhsContracting: [x.contracting],
    rhsContracting: [y.contracting],
  };
  const product = b.dot(x.value, y.value, dims);
  // The product has the shared batch axes, then the left operand's own axes, then the right one's.
  const own = (side: Operand) =>
    range(rank).filter((i) => side.batch[i] !== -1 && !shared.includes(i));
  const order = [...shared, ...own(x), rank, ...own(y), rank + 1];
  const target = range(rank + 2).filter((i) => order.includes(i));
  const result = b.transpose(
    product,
    target.map((i) => order.indexOf(i)),
  );
  const sizes = range(rank).map((i) => {
    const source = at(x.batch, i) >= 0 ? x : y;
    const axis = at(source.batch, i);
    return axis < 0 ? 1 : at(source.value.type.shape, axis);
  });
  return b.reshape(result, [
    ...sizes,
    at(x.value.type.shape, x.free),
    at(y.value.type.shape, y.free),
  ]);
};

/** Lowerings of matrix products. */
export const matmul: Family<MatmulKernel> = {
  BatchMatMul: batchMatMul,
  Einsum: (call) => einsum(call, call.text("equation")),
  _FusedMatMul: (call) => {
    const bias = call.optional("bias");
    const product = batchMatMul(call);
    const sum = bias === undefined ? product : call.b.add(...alignPair(call.b, product, bias));
    return applyActivation(call, sum);
  },
};
