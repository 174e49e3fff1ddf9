import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { evaluateGraph } from "../../src/host/index.ts";
import { isFloat } from "../../src/ir/shape.ts";
import { randomGraphs } from "../support/random-graphs.ts";
import { counts, read, runTwice } from "./support.ts";

/** Tests random graphs on a tfjs backend against float64 evaluation on the host. */
export const testRandomGraphs = (backend: string, numRuns: number): void => {
  beforeAll(async () => {
    await tf.setBackend(backend);
    await tf.ready();
  });
  // Single precision loses digits where large values cancel: values stay below 100, graphs short.
  const tolerance = 2e-3;
  test(`${backend}: random graphs agree with the host in float64`, async () => {
    await fc.assert(
      fc.asyncProperty(randomGraphs({ smoothness: "continuous" }), async ({ graph, inputs }) => {
        const wanted = evaluateGraph(graph, inputs);
        const before = counts();
        const [first, second] = await runTwice(graph, inputs);
        const got = await Promise.all(first!.map((tensor, i) => read(tensor, wanted[i]!)));
        const again = await Promise.all(second!.map((tensor, i) => read(tensor, wanted[i]!)));
        tf.dispose([...first!, ...second!]);
        expect(again).toEqual(got);
        wanted.forEach(({ type, data }, i) => {
          const allowed = isFloat(type.dtype) ? tolerance : 0;
          data.forEach((y, n) => {
            expect(Math.abs(got[i]![n]! - y)).toBeLessThanOrEqual(allowed * (1 + Math.abs(y)));
          });
        });
        expect(counts()).toEqual(before);
      }),
      { numRuns, seed: 7 },
    );
  });
};
