import { describe, expect, test } from "vitest";
import { evaluateGraph, type HostTensor, hostTensor } from "../../src/host/index.ts";
import type { Graph, Shape, TensorType } from "../../src/ir/types.ts";
import { jvpGraph, vjpGraph } from "../../src/transform/index.ts";
import { randomDirection } from "../support/gradient-check.ts";
import { checkForward, expectClose } from "./check.ts";
import { dropOutputs, floatInputs, graphOf } from "./graphs.ts";

const f32 = (...shape: Shape): TensorType => ({ shape, dtype: "f32" });
const I: TensorType = { shape: [], dtype: "i32" };
const H = f32(3);
const run = (graph: Graph, inputs: readonly HostTensor[]) =>
  evaluateGraph(graph, inputs).map((y) => y.data);

describe("while", () => {
  // x ← sin(w x), n times; with a condition that reads a float too.
  const types = [f32(), I, H, I, H];
  const loop = graphOf(types, (b, limit, n, w, i, x) =>
    b.emit("while", [limit, n, w, i, x], {
      condition: graphOf([f32(), I, I, H], (c, l, m, j, v) => [
        c.one("and", [c.compare(j, "LT", m), c.compare(c.reduce(v, "add", [0]), "LT", l)], {}),
      ]),
      body: graphOf([H, I, H], (c, u, j, v) => [c.shift(j, 1), c.map("sine", c.mul(u, v))]),
      numConditionConsts: 2,
      numBodyConsts: 1,
    }),
  );
  const inputs = [
    hostTensor(f32(), [100]),
    hostTensor(I, [4]),
    hostTensor(H, [0.5, 1, 1.5]),
    hostTensor(I, [0]),
    hostTensor(H, [0.3, 0.6, 0.9]),
  ];

  test("agrees with central differences in forward mode, twice", () => {
    checkForward(loop, inputs);
    const once = dropOutputs(jvpGraph(loop, floatInputs(loop)), loop.outputs.length);
    checkForward(once, [...inputs, ...randomDirection(loop.inputs, "more")], 1e-7);
  });

  test("in reverse mode says what to use instead", () => {
    expect(() => vjpGraph(loop, floatInputs(loop))).toThrow("use scan");
  });

  test("does not hinder reverse mode where its result is not differentiated", () => {
    const graph = graphOf(types, (b, ...xs) => {
      const [, v] = b.inline(loop, xs);
      return [b.mul(b.map("stop_gradient", v!), xs[4]!)];
    });
    const wrt = [false, false, true, false, true];
    const found = run(vjpGraph(graph, wrt), [...inputs, hostTensor(H, [1])]);
    expectClose([found[2]!], [run(loop, inputs)[1]!], 0);
    expect([...found[1]!]).toEqual([0, 0, 0]);
  });
});
