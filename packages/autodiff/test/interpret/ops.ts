import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";
import { evaluateNode } from "../../src/host/index.ts";
import { isFloat } from "../../src/ir/shape.ts";
import { type AnyCase, allCases, caseGraph, sampleInputs } from "../support/op-cases.ts";
import { counts, read, runTwice } from "./support.ts";

/** How far a backend may be from double precision: |x − y| <= absolute + relative·|y|. */
export interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

const close = (got: readonly number[], wanted: ArrayLike<number>, t: Tolerance): string[] =>
  got.flatMap((x, i) => {
    const y = wanted[i]!;
    const same = Object.is(x, y) || x === y;
    const near = Math.abs(x - y) <= t.absolute + t.relative * Math.abs(y);
    return same || near ? [] : [`[${i}]: ${x} instead of ${y}`];
  });

/** Tests every operation of the IR on a tfjs backend against float64 evaluation on the host. */
export const testOps = (
  backend: string,
  tolerance: (c: AnyCase) => Tolerance,
  skip: (c: AnyCase) => boolean = () => false,
): void => {
  beforeAll(async () => {
    if (!tf.engine().registryFactory[backend]) return;
    await tf.setBackend(backend);
    await tf.ready();
  });
  for (const c of allCases) {
    test.skipIf(skip(c))(`${backend}: ${c.title} agrees with the host in float64`, async () => {
      const inputs = sampleInputs(c);
      const wanted = evaluateNode(c.op, inputs, c.attrs as never);
      const before = counts();
      const runs = await runTwice(caseGraph(c), inputs);
      const [first, second] = await Promise.all(
        runs.map((run) => Promise.all(run.map((tensor, i) => read(tensor, wanted[i]!)))),
      );
      const shapes = runs[0]!.map(({ shape }) => shape);
      for (const tensor of runs.flat()) tensor.dispose();
      expect(shapes).toEqual(wanted.map(({ type }) => type.shape));
      expect(second, "the second run of the plan").toEqual(first);
      wanted.forEach(({ type, data }, i) => {
        const exact = { absolute: 0, relative: 0 };
        const allowed = isFloat(type.dtype) ? tolerance(c) : exact;
        expect(close(first![i]!, data, allowed), `result ${i}`).toEqual([]);
      });
      expect(counts(), "tensors, buffers, bytes, data ids").toEqual(before);
    });
  }
};
