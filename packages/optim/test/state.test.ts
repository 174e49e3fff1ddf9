import { grad, type TensorTree, treeLeaves } from "@layerwise/autodiff";
import {
  adam,
  applyUpdates,
  loadState,
  type SavedState,
  StateMismatchError,
  saveState,
  scaleByAdam,
  stateFromJson,
  stateToJson,
} from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { rows } from "./rows/index.ts";
import type { AllExtras, AnyOptimizer } from "./support/row.ts";
import "./setup.ts";

/** The bits of a tensor, as 32-bit words or bytes: NaN equals NaN, and 0 is not −0. */
const bits = (x: tf.Tensor): readonly number[] => {
  const { buffer, byteOffset, byteLength } = x.dataSync();
  return [...new Uint8Array(buffer, byteOffset, byteLength)];
};
const allBits = (tree: unknown): unknown => treeLeaves<unknown, tf.Tensor>(tree).map(bits);

type Params = { readonly w: tf.Tensor; readonly b: tf.Tensor };

const x = tf.tensor2d([0.5, -1, 2, 1, 0.25, -0.75, 1.5, -2, 0], [3, 3]);
const loss = ({ w, b }: Params): tf.Tensor =>
  tf.mean(tf.square(tf.sub(tf.add(tf.matMul(x, w), b), 1)));
const start = (): Params => ({
  w: tf.tensor2d([0.3, -0.2, 0.8, 0.1, -0.6, 0.4], [3, 2]),
  b: tf.tensor1d([0.25, -0.5]),
});

/** Some steps of training; the state goes through `pause` after the first half. */
async function train(
  optimizer: AnyOptimizer,
  pause: (state: unknown, params: Params) => Promise<unknown>,
): Promise<unknown> {
  let params = start();
  let state = optimizer.init(params);
  for (let i = 0; i < 10; i++) {
    if (i === 5) state = await pause(state, params);
    const at = params;
    const extra = {
      value: loss(at),
      valueFn: loss,
      gradFn: grad(loss),
      hvp: (vector: TensorTree) => productAt(at, vector as Params),
    } as unknown as AllExtras;
    const step = optimizer.update(grad(loss)(params), state, params, extra);
    params = applyUpdates(params, step.updates);
    state = step.state;
  }
  return [params, state];
}

/** The Hessian of a quadratic times a vector, from gradients: exact up to rounding, and repeatable. */
function productAt(at: Params, vector: Params): Params {
  const there = grad(loss)(applyUpdates(at, vector)) as Params;
  const here = grad(loss)(at) as Params;
  return { w: tf.sub(there.w, here.w), b: tf.sub(there.b, here.b) };
}

test.each(rows)("$name: a resumed run is bit for bit the uninterrupted one", async ({ make }) => {
  const optimizer = make(0.01);
  const whole = await train(optimizer, async (state) => state);
  const resumed = await train(optimizer, async (state, params) =>
    loadState(structuredClone(await saveState(state)), optimizer.init(params)),
  );
  const fromText = await train(optimizer, async (state, params) =>
    loadState(stateFromJson(stateToJson(await saveState(state))), make(0.01).init(params)),
  );
  expect(allBits(resumed)).toEqual(allBits(whole));
  expect(allBits(fromText)).toEqual(allBits(whole));
});

// A signalling NaN, a NaN with its sign, both infinities, both zeros, the smallest and largest number.
const strange = new Float32Array(
  Uint32Array.of(0x7fa00001, 0xffc12345, 0x7f800000, 0xff800000, 0, 0x80000000, 1, 0x7f7fffff)
    .buffer,
);

test("every bit survives: NaN with its payload, infinities, −0, int32, bool, empty tensors", async () => {
  const tree = {
    float: tf.tensor(strange.slice(), [2, 4]),
    count: tf.tensor1d([2 ** 31 - 1, -(2 ** 31), 16777217], "int32"),
    mask: tf.tensor1d([true, false], "bool"),
    nothing: [null, tf.zeros([0, 3])],
    scalar: tf.scalar(-0),
  };
  const saved = await saveState(tree, { step: 7, name: "strange" });
  for (const copy of [saved, structuredClone(saved), stateFromJson(stateToJson(saved))]) {
    const again = loadState(copy, tree);
    expect(allBits(again)).toEqual(allBits(tree));
    expect(treeLeaves<unknown, tf.Tensor>(again).map(({ dtype, shape }) => [dtype, shape])).toEqual(
      treeLeaves<unknown, tf.Tensor>(tree).map(({ dtype, shape }) => [dtype, shape]),
    );
    expect(copy.info).toEqual({ step: 7, name: "strange" });
  }
  expect(Object.keys(saved.entries)).toEqual(["count", "float", "mask", "nothing.1", "scalar"]);
});

test("the data shares no memory with the tensors, in either direction", async () => {
  const x = tf.tensor1d([1, 2]);
  const saved = await saveState({ x });
  const again = loadState(saved, { x });
  saved.entries.x?.data.fill(9);
  expect([[...x.dataSync()], [...again.x.dataSync()]]).toEqual([
    [1, 2],
    [1, 2],
  ]);
});

test("texts of any length are read back (oracle: node's and the browsers' atob)", async () => {
  for (let n = 0; n < 9; n++) {
    const mask = tf.tensor1d(
      Array.from({ length: n }, (_, i) => i % 2),
      "bool",
    );
    const text = stateToJson(await saveState({ mask }));
    const { data } = (JSON.parse(text) as { entries: { mask: { data: string } } }).entries.mask;
    expect(Array.from(atob(data), (c) => c.charCodeAt(0))).toEqual(bits(mask));
    expect([...(stateFromJson(text).entries.mask?.data ?? [])]).toEqual(bits(mask));
  }
});

const optimizer = scaleByAdam();
const like = optimizer.init({ w: tf.zeros([2]), b: tf.scalar(0) });

const refused = (saved: SavedState, other: unknown): StateMismatchError => {
  const before = tf.memory().numTensors;
  try {
    loadState(saved, other);
  } catch (error) {
    expect(tf.memory().numTensors).toBe(before);
    expect(error).toBeInstanceOf(StateMismatchError);
    return error as StateMismatchError;
  }
  throw new Error("loaded");
};

test("a renamed, lost, new or reshaped parameter is named, and nothing is half loaded", async () => {
  const saved = await saveState(like);
  const renamed = refused(saved, optimizer.init({ kernel: tf.zeros([2]), b: tf.scalar(0) }));
  expect(renamed.missing).toEqual(["mu.kernel", "nu.kernel"]);
  expect(renamed.extra).toEqual(["mu.w", "nu.w"]);
  expect(renamed.misshaped).toEqual([]);
  expect(renamed.message).toBe(
    'loadState: the state does not fit: missing: "mu.kernel", "nu.kernel"; extra: "mu.w", "nu.w"',
  );
  const lost = refused(saved, optimizer.init({ w: tf.zeros([2]) }));
  expect([lost.missing, lost.extra]).toEqual([[], ["mu.b", "nu.b"]]);
  const reshaped = refused(saved, optimizer.init({ w: tf.zeros([2, 1]), b: tf.scalar(0) }));
  expect(reshaped.misshaped).toEqual(["mu.w", "nu.w"]);
  expect(reshaped.message).toContain('"mu.w" (float32[2,1] expected, float32[2] saved)');
  const other = refused(saved, { ...like, count: tf.scalar(0) });
  expect(other.message).toContain('"count" (float32[] expected, int32[] saved)');
  // The state of another optimizer.
  const chained = refused(saved, adam({ learningRate: 1 }).init({ w: tf.zeros([2]) }));
  expect(chained.missing).toEqual(["0.count", "0.mu.w", "0.nu.w"]);
});

test("other data is refused with what is wrong", async () => {
  const saved = await saveState(like);
  const attempt = (change: object) => () => loadState({ ...saved, ...change }, like);
  const before = tf.memory().numTensors;
  expect(attempt({ format: "other" })).toThrow(
    'loadState: expected a saved state of format "layerwise-optimizer", got format "other"',
  );
  expect(attempt({ version: 2 })).toThrow("loadState: expected version 1, got 2");
  expect(() => loadState(null as unknown as SavedState, like)).toThrow("got null");
  const count = { dtype: "int32", shape: [2], data: Int32Array.of(1) };
  const whole = 'loadState: expected dtype, shape and matching data at "count"';
  expect(attempt({ entries: { ...saved.entries, count } })).toThrow(whole);
  const text = { ...count, shape: [], data: [1] };
  expect(attempt({ entries: { ...saved.entries, count: text } })).toThrow(whole);
  expect(attempt({ entries: { ...saved.entries, count: { ...text, dtype: "toString" } } })).toThrow(
    whole,
  );
  expect(tf.memory().numTensors).toBe(before);
  expect(() => stateFromJson("[1]")).toThrow("stateFromJson: expected the text of a saved state");
  expect(() => stateFromJson("{")).toThrow("stateFromJson: expected JSON:");
  expect(() => stateFromJson(stateToJson(saved).replace('"data":"', '"data":"!'))).toThrow(
    'stateFromJson: expected dtype, shape and matching data at "count"',
  );
  await expect(saveState({ "a.b": tf.scalar(1), a: { b: tf.scalar(2) } })).rejects.toThrow(
    'saveState: two tensors have the path "a.b"',
  );
  await expect(saveState({ step: 3 })).rejects.toThrow(
    'saveState: expected a tensor of float32, int32, bool at "step", got number',
  );
  await expect(saveState({ s: tf.tensor1d(["x"]) })).rejects.toThrow("got string");
});

test("saving and loading make only the tensors that are returned", async () => {
  const before = tf.memory().numTensors;
  const again = loadState(await saveState(like), like);
  expect(tf.memory().numTensors).toBe(before + treeLeaves<unknown, tf.Tensor>(again).length);
});

test("what JSON would lose, and text that is no JSON, is refused", async () => {
  for (const [lost, got] of [
    [Number.POSITIVE_INFINITY, "Infinity"],
    [new Map(), "[object Map]"],
    [undefined, "undefined"],
  ] as const) {
    const saved = await saveState(null, { best: [1, lost] });
    expect(() => stateToJson(saved)).toThrow(
      `stateToJson: info.best.1: expected what JSON can hold, got ${got}`,
    );
  }
  expect(() => stateFromJson('{"format":')).toThrow("stateFromJson: expected JSON:");
});
