import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluateGraph, type HostTensor, hostTensor } from "../../src/host/index.ts";
import { buildGraph } from "../../src/ir/builder.ts";
import { at } from "../../src/ir/shape.ts";
import type { Graph, TensorType } from "../../src/ir/types.ts";
import { jvpGraph } from "../../src/transform/index.ts";
import { vmapGraph } from "../../src/transform/vmap/index.ts";
import { randomGraphs } from "../support/random-graphs.ts";
import { evaluateEach, expectClose, floatInputs, stack } from "./support.ts";

const INT: TensorType = { shape: [], dtype: "i32" };
const FLOAT: TensorType = { shape: [], dtype: "f32" };
const PAIR: TensorType = { shape: [2], dtype: "f32" };

const ints = (...values: number[]): HostTensor =>
  hostTensor({ shape: [values.length], dtype: "i32" }, values);
const scalar = (type: TensorType, value: number): HostTensor => hostTensor(type, [value]);

const checkEach = (
  graph: Graph,
  inputs: readonly HostTensor[],
  batched: readonly boolean[],
  size: number,
): readonly boolean[] => {
  const vmapped = vmapGraph(graph, batched, size);
  const wanted = evaluateEach(graph, inputs, batched, size);
  evaluateGraph(vmapped.graph, inputs).forEach((y, k) => {
    const examples = wanted.map((outputs) => at(outputs, k));
    expectClose(y, vmapped.batched[k] ? stack(examples) : at(examples, 0), 1e-12);
  });
  return vmapped.batched;
};

// x doubles (and k counts) until it reaches the limit; the third carry never changes.
const doubling = buildGraph([FLOAT, FLOAT, INT, PAIR], (b, [limit, x, k, rest]) =>
  b.emit("while", [limit!, x!, k!, rest!], {
    condition: buildGraph([FLOAT, FLOAT, INT, PAIR], (c, [end, value]) => [
      c.compare(value!, "LT", end!),
    ]),
    body: buildGraph([FLOAT, INT, PAIR], (c, [value, count, same]) => [
      c.scale(value!, 2),
      c.shift(count!, 1),
      same!,
    ]),
    numConditionConsts: 1,
    numBodyConsts: 0,
  }),
);

describe("loops against a loop over the examples", () => {
  const limits = hostTensor({ shape: [4], dtype: "f32" }, [1, 100, 7, -3]);
  const one = scalar(FLOAT, 1);
  const rest = hostTensor(PAIR, [5, 6]);

  test("every example runs its own number of rounds", () => {
    const starts = hostTensor({ shape: [4], dtype: "f32" }, [1, 0.01, 3, 1]);
    checkEach(doubling, [limits, one, scalar(INT, 0), rest], [true, false, false, false], 4);
    checkEach(doubling, [limits, starts, scalar(INT, 0), rest], [true, true, false, false], 4);
    checkEach(
      doubling,
      [scalar(FLOAT, 9), starts, ints(1, 2, 3, 4), rest],
      [false, true, true, false],
      4,
    );
  });

  test("a loop whose end all examples share carries only what differs with a batch axis", () => {
    const inputs = [scalar(FLOAT, 9), one, ints(1, 2, 3, 4), rest];
    expect(checkEach(doubling, inputs, [false, false, true, false], 4)).toEqual([
      false,
      true,
      false,
    ]);
  });

  test("a carry that becomes batched in the second round", () => {
    // (a, b) ← (b, b + w): only w is batched; a is so from the second round on.
    const chain = buildGraph([FLOAT, FLOAT, FLOAT], (b, inputs) =>
      b.emit("scan", inputs, {
        body: buildGraph([FLOAT, FLOAT, FLOAT], (c, [w, , y]) => [y!, c.add(y!, w!)]),
        length: 3,
        numConsts: 1,
        numCarry: 2,
        reverse: false,
      }),
    );
    expect(checkEach(chain, [limits, one, one], [true, false, false], 4)).toEqual([true, true]);
  });
});

test("starts that differ between examples, also beyond the ends, agree with single slices", () => {
  const table: TensorType = { shape: [5, 3], dtype: "f32" };
  const rows = hostTensor(
    table,
    Array.from({ length: 15 }, (_, i) => i),
  );
  const update = hostTensor({ shape: [2, 2], dtype: "f32" }, [-1, -2, -3, -4]);
  const starts = [ints(-7, 1, 99), ints(1, 0, 2)];
  const read = buildGraph([table, INT, INT], (b, inputs) =>
    b.emit("dynamic_slice", inputs, { sizes: [2, 2] }),
  );
  checkEach(read, [rows, ...starts], [false, true, true], 3);
  checkEach(read, [stack([rows, rows, rows]), ...starts], [true, true, true], 3);
  const write = buildGraph([table, update.type, INT, INT], (b, inputs) =>
    b.emit("dynamic_update_slice", inputs, {}),
  );
  checkEach(write, [rows, update, ...starts], [false, false, true, true], 3);
});

test("an example with every axis of size 0, and a batch of one", () => {
  const graph = buildGraph([{ shape: [0, 2], dtype: "f32" }], (b, [x]) => [
    b.reduce(b.map("sine", x!), "add", [0]),
  ]);
  checkEach(graph, [hostTensor({ shape: [1, 0, 2], dtype: "f32" }, [])], [true], 1);
});

describe("random graphs", () => {
  // Shared seeds make a failure repeatable; a counterexample is printed as a graph.
  const parameters = { seed: 7, numRuns: 300 };
  const shift = (x: HostTensor, by: number): HostTensor =>
    hostTensor(x.type, x.type.dtype === "f32" ? Array.from(x.data, (v) => v * (1 - by)) : x.data);

  test("agree with a loop over the examples", () => {
    fc.assert(
      fc.property(randomGraphs({ smoothness: "any" }), fc.nat(), ({ graph, inputs }, bits) => {
        const batched = inputs.map((_, i) => (bits >> i) % 2 === 1);
        const stacks = inputs.map((x, i) => (batched[i] ? stack([x, shift(x, 0.125)]) : x));
        checkEach(graph, stacks, batched, 2);
      }),
      parameters,
    );
  });

  test("batched twice agree with a loop over the rows of rows", () => {
    fc.assert(
      fc.property(randomGraphs({ smoothness: "any" }), ({ graph, inputs }) => {
        const all = inputs.map(() => true);
        const inner = vmapGraph(graph, all, 2);
        const rows = inputs.map((x) => [0, 1, 2].map((n) => stack([x, shift(x, n / 8)])));
        checkEach(inner.graph, rows.map(stack), all, 3);
      }),
      parameters,
    );
  });

  test("forward derivatives of a batch are the batch of forward derivatives", () => {
    fc.assert(
      fc.property(randomGraphs(), ({ graph, inputs }) => {
        const all = inputs.map(() => true);
        const wrt = floatInputs(graph);
        const stacks = inputs.map((x) => stack([x, shift(x, 0.25)]));
        const { graph: batch } = vmapGraph(graph, all, 2);
        const tangents = stacks.filter((_, i) => wrt[i]).map((x) => shift(x, 0.5));
        const got = evaluateGraph(jvpGraph(batch, wrt), [...stacks, ...tangents]);
        const one = jvpGraph(graph, wrt);
        const wanted = evaluateEach(
          one,
          [...stacks, ...tangents],
          one.inputs.map(() => true),
          2,
        );
        const masks = vmapGraph(graph, all, 2).batched;
        got.forEach((y, k) => {
          const examples = wanted.map((outputs) => at(outputs, k));
          const here = masks[k % masks.length];
          expectClose(y, here ? stack(examples) : at(examples, 0), 1e-11);
        });
      }),
      parameters,
    );
  });
});
