import {
  grad,
  random,
  type TensorTree,
  toText,
  trace,
  treeLeaves,
  valueAndGrad,
} from "@layerwise/autodiff";
import {
  bidirectional,
  type Cell,
  gruCell,
  irnn,
  lstmCell,
  recurrent,
  rnnCell,
  unroll,
} from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { describe, expect, expectTypeOf, test } from "vitest";
import golden from "./fixtures/recurrent.json" with { type: "json" };
import { maxDifference } from "./setup.ts";
import { agreesWithTorch, type GoldenCase } from "./support/torch.ts";

type GoldenSequence = GoldenCase & { readonly cell: string; readonly cellOptions: object };

const cells: Readonly<Record<string, (options: never) => Cell>> = { gruCell, lstmCell, rnnCell };

describe("torch 1.13 in float64", () => {
  for (const found of golden.cases as readonly GoldenSequence[]) {
    const cell = cells[found.cell]?.(found.cellOptions as never);
    if (cell === undefined) throw new Error(`no cell ${found.cell}`);
    const make = found.layer === "recurrent" ? recurrent : bidirectional;
    describe(`${found.cell} ${JSON.stringify(found.cellOptions)}`, () => {
      agreesWithTorch(found, make(cell, found.options));
    });
  }
});

const cellsOf = (units: number) => [
  rnnCell({ units }),
  lstmCell({ units }),
  gruCell({ units }),
  gruCell({ units, reset: "before" }),
];

test.each(cellsOf(3).map((cell) => [cell.kind, cell as Cell] as const))(
  "%s: the loop is the cell, step by step; pieces hand on the carry",
  (_, cell) => {
    const x = random.normal(random.key(1), [2, 5, 2]);
    const params = cell.init(random.key(2), 2);
    const { carry, ys } = unroll(cell, params, x);
    let by = cell.start(2);
    const outputs = [0, 1, 2, 3, 4].map((t) => {
      const row = tf.reshape(tf.slice(x, [0, t, 0], [2, 1, 2]), [2, 2]);
      by = cell.step(params, by, cell.project(params, row));
      return cell.output(by);
    });
    expect(maxDifference(ys, tf.stack(outputs, 1).arraySync())).toBeLessThan(1e-6);
    const head = unroll(cell, params, tf.slice(x, [0, 0, 0], [2, 3, 2]), { outputs: false });
    expect(head.ys).toBeNull();
    const tail = unroll(cell, params, tf.slice(x, [0, 3, 0], [2, 2, 2]), { carry: head.carry });
    expect(maxDifference(cell.output(tail.carry), cell.output(carry).arraySync())).toBeLessThan(
      1e-6,
    );
  },
);

test("reverse runs over the sequence turned round, outputs aligned with inputs", () => {
  const cell = gruCell({ units: 3 });
  const x = random.normal(random.key(1), [2, 5, 2]);
  const back = recurrent(cell, { returnSequences: true, reverse: true });
  const { params, state } = back.init(random.key(2), [5, 2]);
  const { y } = back.apply({ params, state }, x);
  const turned = recurrent(cell, { returnSequences: true }).apply(
    { params, state },
    tf.reverse(x, 1),
  );
  expect(maxDifference(tf.reverse(turned.y, 1), y.arraySync())).toBeLessThan(1e-6);
  const last = recurrent(cell, { reverse: true }).apply({ params, state }, x).y;
  expect(maxDifference(tf.slice(y, [0, 0, 0], [2, 1, 3]), last.arraySync())).toBe(0);
});

test.each(cellsOf(3).map((cell) => [cell.kind, cell as Cell] as const))(
  "%s: padded sequences give what they give by themselves, in both directions",
  (_, cell) => {
    const x = random.normal(random.key(1), [3, 5, 2]);
    const params = cell.init(random.key(2), 2);
    const counts = [5, 2, 3];
    const lengths = tf.tensor1d(counts, "int32");
    const loss = (p: TensorTree, v: tf.Tensor, reverse: boolean, n?: tf.Tensor) =>
      tf.sum(tf.square(cell.output(unroll(cell, p, v, { reverse, lengths: n }).carry)));
    for (const reverse of [false, true]) {
      const { carry, ys } = unroll(cell, params, x, { lengths, reverse });
      const slopes = grad((p: TensorTree) => loss(p, x, reverse, lengths))(params);
      let sum: tf.Tensor[] = treeLeaves<TensorTree, tf.Tensor>(slopes).map((t) => tf.zerosLike(t));
      counts.forEach((count, i) => {
        const own = tf.slice(x, [i, 0, 0], [1, count, 2]);
        const alone = unroll(cell, params, own, { reverse });
        const rest = tf.zeros([1, 5 - count, 3]);
        const padded = tf.concat([alone.ys, rest], 1);
        expect(maxDifference(tf.slice(ys, [i, 0, 0], [1, 5, 3]), padded.arraySync())).toBeLessThan(
          1e-6,
        );
        const last = tf.slice(cell.output(carry), [i, 0], [1, 3]);
        expect(maxDifference(last, cell.output(alone.carry).arraySync())).toBeLessThan(1e-6);
        const part = grad((p: TensorTree) => loss(p, own, reverse))(params);
        sum = treeLeaves<TensorTree, tf.Tensor>(part).map((t, k) => tf.add(t, sum[k] as tf.Tensor));
      });
      treeLeaves<TensorTree, tf.Tensor>(slopes).forEach((t, k) => {
        expect(maxDifference(t, sum[k]?.arraySync())).toBeLessThan(2e-6);
      });
    }
  },
);

test("bidirectional joins the two directions", () => {
  const cell = rnnCell({ units: 3 });
  const x = random.normal(random.key(1), [2, 4, 2]);
  const { params, state } = bidirectional(cell).init(random.key(2), [4, 2]);
  expectTypeOf(params.backward.kernel).toEqualTypeOf<tf.Tensor2D>();
  expect(maxDifference(params.forward.kernel, params.backward.kernel.arraySync())).toBeGreaterThan(
    0.01,
  );
  const [a, b] = [
    recurrent(cell).apply({ params: params.forward, state }, x).y,
    recurrent(cell, { reverse: true }).apply({ params: params.backward, state }, x).y,
  ];
  for (const [merge, want] of [
    ["concat", tf.concat([a, b], 1)],
    ["sum", tf.add(a, b)],
    ["mean", tf.div(tf.add(a, b), 2)],
    ["product", tf.mul(a, b)],
  ] as const) {
    const { y } = bidirectional(cell, { merge }).apply({ params, state }, x);
    expect(maxDifference(y, want.arraySync())).toBeLessThan(1e-6);
    expect(bidirectional(cell, { merge }).outputShape([4, 2])).toEqual(want.shape.slice(1));
  }
});

test("the graph has one loop, as large for 100 steps as for 2", () => {
  const layer = recurrent(lstmCell({ units: 2 }));
  const { params, state } = layer.init(random.key(0), [2, 3]);
  const lines = (steps: number) => {
    const fn = (x: tf.Tensor) => layer.apply({ params, state }, x).y;
    const { graph } = trace(
      grad((x: tf.Tensor) => tf.sum(fn(x))),
      [tf.ones([1, steps, 3])],
    );
    return toText(graph).split("\n").length;
  };
  expect(lines(100)).toBe(lines(2));
});

test("parameters: gates side by side, each square kernel orthogonal; the forget gate starts at 1", () => {
  const { params } = recurrent(lstmCell({ units: 3 })).init(random.key(0), [7, 2]);
  expect([params.kernel.shape, params.recurrentKernel.shape]).toEqual([
    [2, 12],
    [3, 12],
  ]);
  expect([...(params.bias?.dataSync() ?? [])]).toEqual([0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
  for (const gate of tf.split(params.recurrentKernel, 4, 1)) {
    const product = tf.matMul(gate, gate, true, false);
    expect(maxDifference(product, tf.eye(3).arraySync())).toBeLessThan(1e-5);
  }
  const gru = gruCell({ units: 3 }).init(random.key(0), 2);
  expect([gru.kernel.shape, gru.bias?.shape, gru.recurrentBias?.shape]).toEqual([[2, 9], [9], [3]]);
  expect(gruCell({ units: 3, reset: "before" }).init(random.key(0), 2).recurrentBias).toBeNull();
  expect(lstmCell({ units: 3, useBias: false }).init(random.key(0), 2).bias).toBeNull();
  expectTypeOf(gru.recurrentBias).toEqualTypeOf<tf.Tensor1D | null>();
});

test("the IRNN starts by remembering: what came first is there after 50 steps", () => {
  const cell = rnnCell({ units: 4, activation: "relu", ...irnn() });
  const params = cell.init(random.key(0), 4);
  const carry = tf.tensor2d([[1, 2, 3, 4]]);
  const { carry: end } = unroll(cell, params, tf.zeros([1, 50, 4]), { carry });
  expect(maxDifference(end, [1, 2, 3, 4])).toBe(0);
});

test.each(cellsOf(3).map((cell) => [cell.kind, cell as Cell] as const))(
  "%s: finite values and gradients for inputs at 0, ±50 and ±1000",
  (_, cell) => {
    const layer = recurrent(cell, { returnSequences: true });
    const variables = layer.init(random.key(0), [5, 2]);
    const x = tf.tensor3d([0, 0, 50, -50, -50, 50, 1000, -1000, -1000, 1000], [1, 5, 2]);
    const { value, grad: slopes } = valueAndGrad((params: TensorTree) =>
      tf.sum(layer.apply({ params, state: null }, x).y),
    )(variables.params);
    const all = [value, ...treeLeaves<TensorTree, tf.Tensor>(slopes)].flatMap((t) => [
      ...t.dataSync(),
    ]);
    expect(all.every(Number.isFinite)).toBe(true);
  },
);

test("errors name what was wanted and what was given", () => {
  const layer = recurrent(lstmCell({ units: 3 }));
  const variables = layer.init(random.key(0), [7, 2]);
  expect(layer.kind).toBe("lstmCell");
  expect(() => layer.apply(variables, tf.ones([8, 7, 4]))).toThrow(
    "lstmCell: expected input [batch, steps, 2] of at least one step, got [8, 7, 4]",
  );
  expect(() => layer.outputShape([7])).toThrow(
    "lstmCell: expected input shape [steps, inputs], got [7]",
  );
  const cell = lstmCell({ units: 3 });
  const lengths = tf.tensor1d([7, 7], "int32");
  expect(() => unroll(cell, variables.params, tf.ones([8, 7, 2]), { lengths })).toThrow(
    "lstmCell: expected lengths int32 [8], got int32 [2]",
  );
  expect(() => gruCell({ units: 0 })).toThrow(
    "gruCell: expected a positive whole number of units, got 0",
  );
  expect(() => gruCell({ units: 1, reset: "never" as never })).toThrow(
    "gruCell: expected reset after or before, got never",
  );
  expect(() => rnnCell({ units: 1, activation: "cube" as never })).toThrow(
    "rnnCell: expected activation tanh or relu, got cube",
  );
  expect(() => bidirectional(gruCell({ units: 1 }), { merge: "max" as never })).toThrow(
    "bidirectional: expected merge to be one of concat, sum, mean, product, got max",
  );
  // @ts-expect-error a simple cell has no reset gate
  expect(rnnCell({ units: 1, reset: "after" }).kind).toBe("rnnCell");
});

describe("tfjs-layers, the weights put in our order", () => {
  const x = random.normal(random.key(1), [2, 5, 3]);
  const options = {
    units: 2,
    recurrentActivation: "sigmoid",
    recurrentInitializer: "zeros",
  } as const;
  const draw = (seed: number, ...shape: number[]) => random.normal(random.key(seed), shape);
  const [kernel, recurrentKernel, bias] = [draw(2, 3, 6), draw(3, 2, 6), draw(4, 6)];

  test("the GRU of the paper: reset before the product; Keras has the update gate first", () => {
    const theirs = tfl.layers.gru({ ...options, returnSequences: true });
    theirs.apply(x); // builds it
    theirs.setWeights([kernel, recurrentKernel, bias]);
    const swap = <T extends tf.Tensor>(t: T): T => {
      const [z, r, n] = tf.split(t, 3, -1) as [tf.Tensor, tf.Tensor, tf.Tensor];
      return tf.concat([r, z, n], -1) as T;
    };
    const params = {
      kernel: swap(kernel) as tf.Tensor2D,
      recurrentKernel: swap(recurrentKernel) as tf.Tensor2D,
      bias: swap(bias) as tf.Tensor1D,
      recurrentBias: null,
    };
    const layer = recurrent(gruCell({ units: 2, reset: "before" }), { returnSequences: true });
    const { y } = layer.apply({ params, state: null }, x);
    expect(maxDifference(y, (theirs.apply(x) as tf.Tensor).arraySync())).toBeLessThan(1e-6);
  });

  test("the LSTM: the same order of gates", () => {
    const [wide, tall, long] = [draw(5, 3, 8), draw(6, 2, 8), draw(7, 8)];
    const theirs = tfl.layers.lstm(options);
    theirs.apply(x); // builds it
    theirs.setWeights([wide, tall, long]);
    const params = {
      kernel: wide as tf.Tensor2D,
      recurrentKernel: tall as tf.Tensor2D,
      bias: long as tf.Tensor1D,
    };
    const { y } = recurrent(lstmCell({ units: 2 })).apply({ params, state: null }, x);
    expect(maxDifference(y, (theirs.apply(x) as tf.Tensor).arraySync())).toBeLessThan(1e-6);
  });
});
