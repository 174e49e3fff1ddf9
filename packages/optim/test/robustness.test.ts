import { grad, type TensorTree, treeLeaves, treeMap } from "@layerwise/autodiff";
import {
  adam,
  adamW,
  applyUpdates,
  chain,
  dog,
  globalNorm,
  injectHyperparams,
  lbfgs,
  lion,
  mechanize,
  momo,
  namedChain,
  polyakSgd,
  prodigy,
  reduceOnPlateau,
  rmsProp,
  scaleByAdam,
  scaleByLearningRate,
  setHyperparams,
  sgd,
} from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { rows } from "./rows/index.ts";
import "./setup.ts";
import type { AnyOptimizer } from "./support/row.ts";

const learningRate = 0.1;
const problem = () => ({ w: tf.tensor2d([0.1, 0.2, 0.3, 0.4], [2, 2]), b: tf.tensor1d([1, -2]) });
const loss = (p: TensorTree): tf.Tensor =>
  tf.addN(treeLeaves<TensorTree, tf.Tensor>(p).map((x) => tf.sum(tf.square(tf.sub(x, 0.5)))));

describe("trees without tensors", () => {
  // Groups of parameters are refused where no parameter is in them.
  const without = rows.filter(({ name }) => !["partition", "wrappers of wrappers"].includes(name));
  test.each(without)("are no problem for $name", ({ make }) => {
    for (const empty of [{}, [], null, { a: null, b: [{}] }]) {
      const optimizer = make(0.1);
      const extra = {
        value: tf.scalar(1),
        valueFn: () => tf.scalar(1),
        gradFn: <T>(params: T): T => params,
        hvp: <T>(vector: T): T => vector,
      };
      const { updates } = optimizer.update(empty, optimizer.init(empty), empty, extra);
      expect(updates).toEqual(empty);
    }
  });
});

describe("tensors without elements", () => {
  test.each(rows)("are no problem for $name", ({ make }) => {
    const shapes = [[0], [0, 0], [0, 3], [2, 0], [2, 0, 3]];
    const empty = Object.fromEntries(
      shapes.map((shape) => [`w${shape.join("x")}`, tf.zeros(shape)]),
    );
    const params = { ...empty, w: tf.ones([2, 2]), b: tf.ones([2]) };
    const optimizer = make(0.1);
    const extra = {
      value: tf.scalar(1),
      valueFn: loss,
      gradFn: <T extends TensorTree>(p: T): T => grad(loss)(p) as T,
      hvp: <T>(vector: T): T => vector,
    };
    let state = optimizer.init(params);
    for (let i = 0; i < 2; i++) {
      const step = optimizer.update(params, state, params, extra);
      const updates = step.updates as typeof params & Readonly<Record<string, tf.Tensor>>;
      for (const [name, { shape }] of Object.entries(params)) {
        expect(updates[name]?.shape).toEqual(shape);
      }
      expect([...updates.w.dataSync(), ...updates.b.dataSync()]).not.toContain(Number.NaN);
      state = step.state;
    }
  });
});

describe("what does not fit is an error that names the place", () => {
  const params = problem();
  const optimizer = adam({ learningRate });
  const state = optimizer.init(params);

  test("gradients of a shape that would be broadcast", () => {
    const grads = { ...params, w: tf.tensor1d([1, 2]) } as unknown as typeof params;
    const message = 'update: gradients: expected shape [2,2] at "w", got [2]';
    expect(() => optimizer.update(grads, state, params)).toThrow(message);
    const named = namedChain({ adam: scaleByAdam(), rate: scaleByLearningRate(learningRate) });
    expect(() => named.update(grads, named.init(params), params)).toThrow(message);
  });

  test("gradients of another structure, also where the rule does not use parameters", () => {
    const grads = { w: params.w, c: params.b } as unknown as typeof params;
    expect(() => sgd({ learningRate }).update(grads, [null, null], params)).toThrow(
      "update: gradients: structure differs at the root: expected {b:*,w:*}, got {c:*,w:*}",
    );
  });

  test("updates that would change the shape of parameters", () => {
    const updates = { b: tf.zeros([2, 2]), w: params.w };
    expect(() => applyUpdates(params, updates)).toThrow(
      'applyUpdates: updates: expected shape [2] at "b", got [2,2]',
    );
  });

  test("parameters of whole numbers", () => {
    const whole = { b: tf.tensor1d([1, 2], "int32") };
    expect(() => applyUpdates(whole, { b: tf.tensor1d([0.5, 0.5]) })).toThrow(
      "applyUpdates: expected float32 parameters, got int32",
    );
  });

  test("the state of another chain", () => {
    const other = adamW({ learningRate }).init(params) as unknown as typeof state;
    expect(() => optimizer.update(params, other, params)).toThrow(
      "chain: expected a state of 2 parts, got 3",
    );
    expect(() => optimizer.update(params, undefined as never, params)).toThrow("got undefined");
    const named = namedChain({ adam: scaleByAdam(), rate: scaleByLearningRate(learningRate) });
    expect(() => named.update(params, state as never, params)).toThrow(
      "namedChain: expected states [adam, rate], got [0, 1]",
    );
  });

  test("losses that are no scalars", () => {
    const value = tf.tensor1d([1, 2]);
    for (const [name, make] of Object.entries({
      scaleByPolyak: polyakSgd,
      momo,
      reduceOnPlateau,
    })) {
      const tx = make() as AnyOptimizer;
      expect(() => tx.update(params, tx.init(params), params, { value })).toThrow(
        `${name}: expected value, a scalar tensor, in update's fourth argument, got shape [2]`,
      );
    }
    const search = lbfgs();
    const extra = { valueFn: () => value, gradFn: () => params };
    expect(() => search.update(params, search.init(params), params, extra)).toThrow(
      "valueFn: loss: expected a scalar tensor, got shape [2]",
    );
  });

  test("parts that are no transformations", () => {
    expect(() => chain(optimizer, undefined as never)).toThrow(
      "chain: expected a transformation, got undefined",
    );
    expect(() => chain([optimizer] as never)).toThrow(
      "chain: expected a transformation, got object",
    );
  });

  test("learning rates that are no scalars", () => {
    const vector = () => tf.tensor1d([0.1, 0.2]);
    expect(() => adam({ learningRate: vector() })).toThrow(
      "adam: learningRate: expected a scalar tensor, got shape [2]",
    );
    expect(() => scaleByAdam({ b1: vector() })).toThrow(
      "scaleByAdam: b1: expected a scalar tensor, got shape [2]",
    );
    for (const make of [adam, prodigy]) {
      const scheduled = make({ learningRate: vector });
      expect(() => scheduled.update(params, scheduled.init(params) as never, params)).toThrow(
        "learningRate: value of the schedule: expected a scalar tensor, got shape [2]",
      );
    }
    const wrong = sgd({ learningRate: (() => 0.1) as never });
    expect(() => wrong.update(params, wrong.init(params))).toThrow("scalar tensor, got 0.1");
  });
});

describe("gradients through a step", () => {
  // Oracle: central differences.
  test.each([
    ["sgd", sgd, { learningRate, momentum: 0.5 }],
    ["adamW", adamW, { learningRate, weightDecay: 0.1, b1: 0.8 }],
    ["rmsProp", rmsProp, { learningRate, decay: 0.8 }],
    ["lion", lion, { learningRate, weightDecay: 0.1 }],
  ])("%s: with respect to its hyperparameters", (_, factory, args) => {
    const optimizer = injectHyperparams(factory as typeof sgd, args);
    const start = problem();
    const init = optimizer.init(start);
    type Values = Readonly<Record<string, tf.Tensor>>;
    const lossAfter = (values: Values): tf.Tensor => {
      let [params, state] = [start, setHyperparams(init, values)];
      for (let i = 0; i < 3; i++) {
        const step = optimizer.update(grad(loss)(params) as typeof params, state, params);
        params = applyUpdates(params, step.updates);
        state = step.state;
      }
      return loss(params);
    };
    const at = treeMap((x: tf.Tensor) => tf.clone(x), init.hyperparams as Values) as Values;
    const slopes = grad(lossAfter)(at) as Values;
    for (const [name, value] of Object.entries(at)) {
      const [up = 0, down = 0] = [2e-3, -2e-3].map(
        (h) => lossAfter({ ...at, [name]: tf.add(value, h) }).dataSync()[0],
      );
      const slope = slopes[name]?.dataSync()[0] ?? Number.NaN;
      expect(Math.abs(slope - (up - down) / 4e-3)).toBeLessThan(
        2e-2 * Math.max(1, Math.abs(slope)),
      );
    }
  });

  test("Adam with epsRoot can be differentiated where a gradient is zero", () => {
    const slope = (epsRoot: number): number | undefined => {
      const optimizer = adam({ learningRate, epsRoot });
      const params = problem();
      const state = optimizer.init(params);
      const lossAfter = (scale: tf.Tensor): tf.Tensor => {
        const grads = { b: tf.mul(scale, [0, 1]), w: tf.mul(scale, params.w) } as typeof params;
        return loss(applyUpdates(params, optimizer.update(grads, state, params).updates));
      };
      return grad(lossAfter)(tf.scalar(2)).dataSync()[0];
    };
    expect(slope(0)).toBeNaN();
    expect(Number.isFinite(slope(1e-8))).toBe(true);
  });

  test("norms have a gradient at zero: the first step of DoG and of Mechanic", () => {
    const norm = (x: tf.Tensor) => globalNorm(x);
    expect(grad(norm)(tf.zeros([2])).dataSync()).toEqual(new Float32Array(2));
    const start = problem();
    for (const optimizer of [dog(), mechanize(sgd({ learningRate }))]) {
      const state = optimizer.init(start);
      const lossAfter = (params: typeof start): tf.Tensor => {
        const grads = grad(loss)(params) as typeof start;
        const { updates } = optimizer.update(grads, state as never, params);
        return loss(applyUpdates(params, updates));
      };
      const slopes = treeLeaves<TensorTree, tf.Tensor>(grad(lossAfter)(start) as TensorTree);
      expect(slopes.every((x) => [...x.dataSync()].every(Number.isFinite))).toBe(true);
    }
  });

  test("the norm keeps NaN and infinity", () => {
    expect(globalNorm(tf.tensor1d([1, Number.NaN])).dataSync()[0]).toBeNaN();
    expect(globalNorm(tf.tensor1d([1, Infinity])).dataSync()[0]).toBe(Infinity);
  });
});
