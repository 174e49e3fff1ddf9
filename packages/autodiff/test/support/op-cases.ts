import { type HostTensor, hostTensor } from "../../src/host/index.ts";
import { Builder } from "../../src/ir/builder.ts";
import { at, isFloat, sizeOf } from "../../src/ir/shape.ts";
import type { Graph, OpName } from "../../src/ir/types.ts";
import { binaryCases } from "./cases/binary.ts";
import type { Cases, OpCase } from "./cases/case.ts";
import { controlCases } from "./cases/control.ts";
import { indexingCases } from "./cases/indexing.ts";
import { mixedCases } from "./cases/mixed.ts";
import { movementCases } from "./cases/movement.ts";
import { reductionCases } from "./cases/reduction.ts";
import { spatialCases } from "./cases/spatial.ts";
import { unaryCases } from "./cases/unary.ts";
import { generator } from "./random.ts";

export type { OpCase } from "./cases/case.ts";

/**
 * Concrete cases of every operation. This one table drives the tests of the host against JAX, of
 * the executors against the host, and of the derivative and batching rules.
 */
export const opCases: Cases<OpName> = {
  ...unaryCases,
  ...binaryCases,
  ...mixedCases,
  ...movementCases,
  ...reductionCases,
  ...spatialCases,
  ...indexingCases,
  ...controlCases,
};

/** A case together with the operation it belongs to. */
export type AnyCase = {
  [K in OpName]: OpCase<K> & { readonly op: K; readonly title: string };
}[OpName];

/** All cases in one list; `title` ("reduce: add rows") is unique. */
export const allCases: readonly AnyCase[] = (Object.keys(opCases) as OpName[]).flatMap((op) =>
  (opCases[op] as readonly OpCase<OpName>[]).map(
    (c) => ({ ...c, op, title: `${op}: ${c.name}` }) as AnyCase,
  ),
);

/** The graph that applies a case's operation to its operands. */
export const caseGraph = (c: AnyCase): Graph => {
  const b = new Builder();
  const inputs = c.operands.map(({ type }) => b.input(type));
  return b.finish(b.emit(c.op, inputs, c.attrs as never));
};

/**
 * Operands of a case, the same on every machine. Floats are numbers that f32 can hold, so that
 * executors in single precision start from the same point as the reference.
 */
export const sampleInputs = (c: AnyCase, seed = 0): HostTensor[] => {
  const random = generator(`${c.title} ${seed}`);
  return c.operands.map(({ type, values }) => {
    const drawn = values(sizeOf(type.shape), random);
    return hostTensor(type, isFloat(type.dtype) ? drawn.map(Math.fround) : drawn);
  });
};

/** The case with this title. */
export const caseOf = (title: string): AnyCase =>
  at(
    allCases.filter((c) => c.title === title),
    0,
  );
