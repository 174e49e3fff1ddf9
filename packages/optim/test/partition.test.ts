import { grad, type TensorTree, treeMap, treePaths } from "@layerwise/autodiff";
import type { ExtraOf, GradientTransformation } from "@layerwise/optim";
import {
  adam,
  adamW,
  addDecayedWeights,
  chain,
  clipByGlobalNorm,
  decayMask,
  freeze,
  layerDecay,
  masked,
  noDecayMask,
  paramGroups,
  partition,
  scale,
  setToZero,
  sgd,
  trace,
} from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { expect, expectTypeOf, test } from "vitest";
import "./setup.ts";

const model = () => ({
  embed: { table: tf.tensor2d([[1, 2]]) },
  layers: [
    { kernel: tf.tensor2d([[3, 4]]), bias: tf.tensor1d([5, 6]) },
    { kernel: tf.tensor2d([[7], [8]]), bias: tf.tensor1d([9]) },
  ],
  scale: tf.scalar(10),
});
const values = (tree: unknown): unknown =>
  treeMap((x: unknown) => [...(x as tf.Tensor).dataSync()], tree);

test("each transformation sees and stores its own parameters, under their paths", () => {
  const params = model();
  const tx = partition(
    { moved: trace({ decay: 0.5 }), fixed: setToZero(), clipped: clipByGlobalNorm(1) },
    { embed: "fixed", layers: [{ kernel: "moved", bias: "clipped" }, "moved"], scale: "clipped" },
  );
  const state = tx.init(params);
  expectTypeOf(state.moved.trace).toEqualTypeOf<TensorTree>();
  expectTypeOf(state.fixed).toEqualTypeOf<null>();
  expect(treePaths(state)).toEqual([
    "moved.trace.layers.0.kernel",
    "moved.trace.layers.1.bias",
    "moved.trace.layers.1.kernel",
  ]);
  const first = tx.update(params, state);
  const second = tx.update(params, first.state);
  expectTypeOf(second.updates).toEqualTypeOf<typeof params>();
  // The norm of the group: (5, 6, 10).
  const norm = Math.sqrt(25 + 36 + 100);
  expect(values(second.updates)).toEqual({
    embed: { table: [0, 0] },
    layers: [
      { kernel: [4.5, 6], bias: [5, 6].map((x) => expect.closeTo(x / norm, 6)) },
      { kernel: [10.5, 12], bias: [13.5] },
    ],
    scale: [expect.closeTo(10 / norm, 6)],
  });
});

test("labels by path and tensor are the same as a tree of labels", () => {
  const params = model();
  const make = () => ({ a: sgd({ learningRate: 1, momentum: 0.9 }), b: adam({ learningRate: 1 }) });
  const byTree = partition(make(), { embed: "b", layers: "a", scale: "b" });
  const byPath = partition(make(), (path) => (path.startsWith("layers.") ? "a" : "b"));
  const [one, two] = [byTree, byPath].map((tx) => tx.update(params, tx.init(params), params));
  expect(values(two)).toEqual(values(one));
  const leaf = partition({ only: scale(2) }, "only");
  expect(leaf.update(params.scale, leaf.init(params.scale)).updates.dataSync()[0]).toBe(20);
});

test("unknown and unused labels are errors that name both sets", () => {
  const params = model();
  const tx = { a: scale(1), b: scale(2) };
  // @ts-expect-error a label without a transformation
  expect(() => partition(tx, { embed: "a", layers: "b", scale: "c" }).init(params)).toThrow(
    "partition: expected the parameters to have the labels [a, b], got [a, b, c]: unknown: c",
  );
  // @ts-expect-error neither
  partition(tx, () => "c");
  expect(() => partition(tx, () => "a").init(params)).toThrow(
    "partition: expected the parameters to have the labels [a, b], got [a]: unused: b",
  );
  expect(() => partition(tx, { embed: "a", layers: ["a"], scale: "b" }).init(params)).toThrow(
    'partition: expected [0,1] at "layers", got [0]',
  );
  expect(() => partition(tx, { embed: "a" }).init(params)).toThrow(
    "partition: expected [embed,layers,scale] at the root, got [embed]",
  );
  const deep = { embed: { table: ["a"] }, layers: "b", scale: "b" } as const;
  expect(() => partition(tx, deep).init(params)).toThrow(
    'partition: expected one value at "embed.table", got [0]',
  );
});

test("masked passes the others on unchanged and stores nothing for them", () => {
  const params = model();
  const tx = masked(trace({ decay: 0.5 }), (path) => path.endsWith("kernel"));
  const state = tx.init(params);
  expect(treePaths(state)).toEqual(["trace.layers.0.kernel", "trace.layers.1.kernel"]);
  const { updates } = tx.update(params, tx.update(params, state).state);
  expect(values(updates)).toEqual({
    ...(values(params) as object),
    layers: [
      { kernel: [4.5, 6], bias: [5, 6] },
      { kernel: [10.5, 12], bias: [9] },
    ],
  });
  const none = masked(adam({ learningRate: 1 }), () => false);
  expect(values(none.update(params, none.init(params)).updates)).toEqual(values(params));
  // @ts-expect-error a mask of labels
  expect(() => masked(scale(1), () => "a").init(params)).toThrow(
    "masked: mask: expected booleans, got a",
  );
});

test("freeze after a rule with momentum holds parameters, and only those", () => {
  const params = model();
  const tx = chain(adamW({ learningRate: 1 }), freeze({ embed: true, layers: false, scale: true }));
  const { updates } = tx.update(params, tx.init(params), params);
  expect(values([updates.embed, updates.scale])).toEqual([{ table: [0, 0] }, [0]]);
  expect(updates.layers.every(({ bias }) => bias.dataSync().every((x) => x < 0))).toBe(true);
});

test("parameter groups are separate optimizers (oracle: each by itself)", () => {
  const params = model();
  const tx = paramGroups(
    adamW,
    { learningRate: 0.1, weightDecay: 0.1 },
    {
      bias: { match: /bias$/g, weightDecay: 0 },
      first: { match: /^layers\.0\./, learningRate: 0.01, b1: 0.5 },
      scale: { match: (_path, leaf) => leaf.rank === 0, tx: sgd({ learningRate: 1 }) },
    },
  );
  const state = tx.init(params);
  expectTypeOf(state.bias[0].count).toEqualTypeOf<tf.Scalar>();
  expectTypeOf(state.default[0].count).toEqualTypeOf<tf.Scalar>();
  expect(Object.keys(state)).toEqual(["bias", "first", "scale", "default"]);
  const alone = (optimizer: GradientTransformation, x: tf.Tensor) =>
    values(optimizer.update(x, optimizer.init(x), x).updates);
  const { updates } = tx.update(params, state, params);
  const [zero, one] = params.layers;
  const plain = adamW({ learningRate: 0.1, weightDecay: 0.1 });
  const noDecay = adamW({ learningRate: 0.1, weightDecay: 0 });
  const slow = adamW({ learningRate: 0.01, weightDecay: 0.1, b1: 0.5 });
  expect(values(updates)).toEqual({
    embed: { table: alone(plain, params.embed.table) },
    layers: [
      {
        kernel: alone(slow, zero?.kernel as tf.Tensor),
        bias: alone(noDecay, zero?.bias as tf.Tensor),
      },
      {
        kernel: alone(plain, one?.kernel as tf.Tensor),
        bias: alone(noDecay, one?.bias as tf.Tensor),
      },
    ],
    scale: [-10],
  });
  const wrong = paramGroups(adam, { learningRate: 1 }, { none: { match: /nothing/ } });
  expect(() => wrong.init(params)).toThrow(
    "paramGroups: expected the parameters to have the labels [default, none], got [default]: unused: none",
  );
  expect(() => paramGroups(adam, { learningRate: 1 }, { default: { match: /x/ } })).toThrow(
    "paramGroups: expected no group named default",
  );
  // @ts-expect-error a misspelled option
  paramGroups(adamW, { learningRate: 1 }, { a: { match: /x/, weightdecay: 0 } });
  // @ts-expect-error an option of the wrong type
  expect(() => paramGroups(adamW, { learningRate: 1 }, { a: { match: /x/, b1: "0" } })).toThrow();
  // All parameters may be in groups, and a global pattern remembers no position.
  const { default: rest } = paramGroups(adam, { learningRate: 1 }, { all: { match: /^./g } }).init(
    params,
  );
  expect(treePaths(rest[0].mu)).toEqual([]);
});

test("weight decay spares vectors, scalars and biases", () => {
  const params = { ...model(), outputBias: tf.zeros([2, 2]) };
  const decayed = masked(addDecayedWeights(1), decayMask);
  const grads = treeMap((x: tf.Tensor) => tf.zerosLike(x), params) as typeof params;
  const { updates } = decayed.update(grads, decayed.init(params), params);
  expect(values(updates)).toEqual({
    embed: { table: [1, 2] },
    layers: [
      { kernel: [3, 4], bias: [0, 0] },
      { kernel: [7, 8], bias: [0] },
    ],
    scale: [0],
    outputBias: [0, 0, 0, 0],
  });
  expect(noDecayMask("kernel", tf.zeros([2, 2]))).toBe(false);
});

test("layerDecay is rate^(last − layer), timm's numbering, and 1 in the last layer", () => {
  const params = model();
  const ones = treeMap((x: tf.Tensor) => tf.onesLike(x), params) as typeof params;
  const factors = (tx: ReturnType<typeof layerDecay>) => values(tx.update(ones, null).updates);
  const wanted = {
    embed: { table: [0.25, 0.25] },
    layers: [
      { kernel: [0.5, 0.5], bias: [0.5, 0.5] },
      { kernel: [1, 1], bias: [1] },
    ],
  };
  const layers = ["embed", "layers.0", "layers.1"];
  const given = layerDecay(0.5, { layers: [...layers, "scale"] });
  expect(factors(given)).toEqual({
    embed: { table: [0.125, 0.125] },
    layers: [
      { kernel: [0.25, 0.25], bias: [0.25, 0.25] },
      { kernel: [0.5, 0.5], bias: [0.5] },
    ],
    scale: [1],
  });
  const { scale: _scale, ...body } = ones;
  const inOrder = layerDecay(0.5).update(body, null).updates;
  expect(values(inOrder)).toEqual(wanted);
  const last = layerDecay(tf.scalar(0.5), { layers: (path) => (path.startsWith("embed") ? 1 : 3) });
  expect(values(last.update(body, null).updates.embed)).toEqual(wanted.embed);
  expect(() => factors(layerDecay(0.5, { layers }))).toThrow(
    'layerDecay: expected "scale" to be in one of the layers [embed, layers.0, layers.1]',
  );
  expect(() => layerDecay(-1)).toThrow("layerDecay: rate");
  expect(layerDecay(0.5).update(ones.scale, null).updates.dataSync()[0]).toBe(1);
  // "layers.10" is not below "layers.1".
  const backwards = layerDecay(0.5, { layers: ["layers.10", "layers.1"] });
  const two = { "layers.1": tf.scalar(1), "layers.10": tf.scalar(1) };
  expect(values(backwards.update(two, null).updates)).toEqual({
    "layers.1": [1],
    "layers.10": [0.5],
  });
  const deep = { layers: Array.from({ length: 11 }, () => tf.scalar(1)) };
  const names = deep.layers.map((_, i) => `layers.${i}`);
  const { updates } = layerDecay(0.5, { layers: names }).update(deep, null);
  expect(updates.layers.map((x) => x.dataSync()[0])).toEqual(names.map((_, i) => 0.5 ** (10 - i)));
});

// Steps along the loss's own gradient and curvature.
type Functions = {
  readonly valueFn: (params: TensorTree) => tf.Tensor;
  readonly gradFn: (params: TensorTree) => TensorTree;
  readonly hvp: (vector: TensorTree) => TensorTree;
};
function ask(answer: (extra: Functions, params: TensorTree) => unknown) {
  return {
    init: () => null,
    update: (grads, state, params, extra) => ({
      updates: treeMap(
        (x: unknown) => tf.clone(x as tf.Tensor),
        answer(extra, params ?? null),
      ) as typeof grads,
      state,
    }),
  } satisfies GradientTransformation<null, Functions> as GradientTransformation<null, Functions>;
}

test("functions of parameters become functions of the group, the others held", () => {
  const params = { a: tf.scalar(2), b: tf.scalar(3) };
  // a² b: gradient (2ab, a²), Hessian ((2b, 2a), (2a, 0)).
  const loss = (p: TensorTree): tf.Tensor => {
    const { a, b } = p as typeof params;
    return tf.mul(tf.square(a), b);
  };
  const gradFn = (p: TensorTree) =>
    grad(loss as (p: typeof params) => tf.Tensor)(p as typeof params);
  const hvp = (v: TensorTree) => {
    const { a, b } = v as typeof params;
    return { a: tf.add(tf.mul(a, 6), tf.mul(b, 4)), b: tf.mul(a, 4) };
  };
  const extra = { valueFn: loss, gradFn, hvp };
  const answers = [
    [ask(({ valueFn }, p) => treeMap(() => valueFn(p), p)), [12, 12]],
    [ask(({ gradFn }, p) => gradFn(p)), [12, 4]],
    [ask(({ hvp }, p) => hvp(p)), [12, 0]],
  ] as const;
  for (const [tx, [first, second]] of answers) {
    const both = partition({ x: tx, y: tx }, { a: "x", b: "y" });
    expectTypeOf<ExtraOf<typeof both>["hvp"]>().toEqualTypeOf<Functions["hvp"]>();
    const { updates } = both.update(params, both.init(params), params, extra);
    expect(values(updates)).toEqual({ a: [first], b: [second] });
    const one = masked(tx, { a: true, b: false });
    expect(values(one.update(params, one.init(params), params, extra).updates)).toEqual({
      a: [first],
      b: [3],
    });
    // @ts-expect-error the extra arguments are missing
    expect(() => both.update(params, both.init(params), params)).toThrow();
  }
});
