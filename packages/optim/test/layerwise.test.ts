import {
  adam,
  addDecayedWeights,
  applyUpdates,
  cautious,
  centralize,
  chain,
  fromage,
  graft,
  identity,
  lamb,
  lars,
  normalizeByUpdateNorm,
  novograd,
  scale,
  scaleByAdam,
  scaleByLearningRate,
  scaleByNovograd,
  scaleByParamBlockNorm,
  scaleByParamBlockRms,
  scaleByTrustRatio,
  undoNormGrowth,
} from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { expect, expectTypeOf, test } from "vitest";
import golden from "./fixtures/optimizers.json" with { type: "json" };
import { maxDifference } from "./setup.ts";
import { any, derived, type Rule, worst } from "./support/derived.ts";
import { eagerDifferences, float64Differences } from "./support/golden.ts";
import { type Matrix, zip } from "./support/matrix.ts";

test("cautious Adam with decay is the authors' code (oracle: plain JavaScript)", () => {
  const [rate, b1, b2, eps, decay] = [0.1, 0.9, 0.99, 1e-3, 0.01];
  const rule = (zero: Matrix): Rule => {
    let [m, v] = [zero, zero];
    let t = 0;
    return (g, p) => {
      t++;
      m = zip((y, x) => b1 * y + (1 - b1) * x, m, g);
      v = zip((y, x) => b2 * y + (1 - b2) * x * x, v, g);
      const mask = zip((y, x) => (y * x > 0 ? 1 : 0), m, g);
      const flat = mask.flat();
      const share = Math.max(flat.reduce((sum, x) => sum + x, 0) / flat.length, 1e-3);
      return zip(
        (x, y, z, on) => {
          const u = y / (1 - b1 ** t) / (Math.sqrt(z / (1 - b2 ** t)) + eps);
          return x - rate * ((u * on) / share + decay * x);
        },
        p,
        m,
        v,
        mask,
      );
    };
  };
  const zeros = (a: Matrix): Matrix => zip(() => 0, a);
  const oracle = derived({
    w: rule(zeros(golden.params.w)),
    b: rule(golden.params.b.map(() => [0])),
  });
  const optimizer = any(
    chain(
      cautious(scaleByAdam({ b1, b2, eps })),
      addDecayedWeights(decay),
      scaleByLearningRate(rate),
    ),
  );
  expect(worst(float64Differences(optimizer, oracle))).toBeLessThan(1e-12);
  expect(worst(eagerDifferences(optimizer, oracle))).toBeLessThan(5e-6);
});

test("cautious around a whole optimizer is cautious before its learning rate", () => {
  const grads = [tf.tensor1d([1, -2, 3]), tf.tensor1d([-10, -1, 1])] as const;
  const inside = chain(cautious(scaleByAdam()), scaleByLearningRate(0.1));
  const around = cautious(adam({ learningRate: 0.1 }), { descends: true });
  const first = [
    inside.update(grads[0], inside.init(grads[0])),
    around.update(grads[0], around.init(grads[0])),
  ] as const;
  const a = inside.update(grads[1], first[0].state).updates;
  const b = around.update(grads[1], first[1].state).updates;
  expect(maxDifference({ b }, { b: [...a.dataSync()] })).toBeLessThan(1e-7);
  // The first average is still −0.1 − … and agrees; nothing goes up.
  expect([...tf.mul(b, grads[1]).dataSync()].every((x) => x <= 0)).toBe(true);
});

test("cautious passes on what its inner transformation needs", () => {
  const needy = cautious({
    init: () => null,
    update: (grads, state, _params, { value }) => ({ updates: grads, state: value && state }),
  } as import("@layerwise/optim").GradientTransformation<null, { readonly value: tf.Scalar }>);
  expectTypeOf<Parameters<typeof needy.update>[3]>().toEqualTypeOf<{ readonly value: tf.Scalar }>();
  // @ts-expect-error the extra argument `value` is missing
  expect(() => needy.update(tf.scalar(1), null)).toThrow();
});

test("centralize takes the mean of each unit's weights, and passes vectors (by hand)", () => {
  const grads = { w: tf.tensor2d([1, 2, 3, 6], [2, 2]), b: tf.tensor1d([1, 2]), s: tf.scalar(3) };
  const { updates } = centralize().update(grads, null);
  expect(maxDifference(updates, { w: [-1, -2, 1, 2], b: [1, 2], s: 3 })).toBe(0);
  const first = centralize({ unitAxis: "first" }).update(grads, null).updates;
  expect(maxDifference(first, { w: [-0.5, 0.5, -1.5, 1.5], b: [1, 2], s: 3 })).toBe(0);
  const kernel = tf.randomNormal([3, 3, 2, 4], 0, 1, "float32", 1);
  const centered = centralize().update(kernel, null).updates;
  expect(tf.max(tf.abs(tf.mean(centered, [0, 1, 2]))).dataSync()[0]).toBeLessThan(1e-7);
});

test("trust ratios: 1 where a norm is 0, else the update is as long as the parameter", () => {
  const tx = scaleByTrustRatio({ trustCoefficient: 0.5 });
  const grads = { a: tf.tensor1d([3, 4]), z: tf.tensor1d([3, 4]), n: tf.zeros([2]) };
  const params = { a: tf.tensor1d([0, -8]), z: tf.zeros([2]), n: tf.ones([2]) };
  const { updates } = tx.update(grads, null, params);
  expect(maxDifference(updates, { a: [2.4, 3.2], z: [3, 4], n: [0, 0] })).toBeLessThan(1e-6);
});

test("steps of LAMB, LARS, NovoGrad and Fromage do not feel the scale of gradients", () => {
  const params = tf.tensor2d(golden.params.w);
  for (const make of [
    () => lamb({ learningRate: 0.1, eps: 0 }),
    () => lars({ learningRate: 0.1 }),
    () => novograd({ learningRate: 0.1, eps: 0 }),
    () => fromage({ learningRate: 0.1, minNorm: 0 }),
  ]) {
    const run = (scale: number): tf.Tensor => {
      const tx = any(make());
      let p: tf.Tensor = params;
      let state = tx.init(p);
      for (const { w } of golden.grads.slice(0, 3)) {
        const next = tx.update(tf.mul(tf.tensor2d(w), scale), state, p);
        [p, state] = [applyUpdates(p, next.updates), next.state];
      }
      return p;
    };
    // Powers of two only change exponents.
    expect([...run(1024).dataSync()]).toEqual([...run(1).dataSync()]);
  }
});

test("Fromage keeps the norm where the gradient is at right angles to the parameters", () => {
  const params = tf.tensor1d([3, 4]);
  const tx = fromage({ learningRate: 0.5 });
  const { updates } = tx.update(tf.tensor1d([-4, 3]), tx.init(params), params);
  expect(tf.norm(tf.add(params, updates)).dataSync()[0]).toBeCloseTo(5, 5);
  // The factor minus 1 keeps its digits at small rates: −η²/2, and not −1.19e-7 or 0.
  const shrink = undoNormGrowth(1e-4);
  const one = tf.scalar(1);
  const small = shrink.update(tf.scalar(0), shrink.init(one), one).updates.dataSync()[0] ?? 0;
  expect(small / -0.5e-8).toBeCloseTo(1, 5);
});

test("splitting a tensor in two changes the layer-wise rules (they see tensors)", () => {
  const [params, grads] = [tf.tensor1d([1, 2, 3, 4]), tf.tensor1d([1, 1, -1, 5])];
  const halves = (x: tf.Tensor1D): tf.Tensor[] => tf.split(x, 2);
  for (const tx of [lamb({ learningRate: 1 }), novograd({ learningRate: 1 })].map(any)) {
    const whole = tx.update(grads, tx.init(params), params).updates as tf.Tensor;
    const [g, p] = [halves(grads), halves(params)];
    const parts = tx.update(g, tx.init(p), p).updates as tf.Tensor[];
    expect(tf.max(tf.abs(tf.sub(tf.concat(parts), whole))).dataSync()[0]).toBeGreaterThan(0.01);
  }
});

test("graft: length of one, direction of the other; zero stays zero; both states", () => {
  const tx = graft({ magnitude: scale(2), direction: scaleByAdam({ eps: 0 }) });
  const grads = { a: tf.tensor1d([3, -4]), z: tf.zeros([2]) };
  const state = tx.init(grads);
  expectTypeOf(state.direction.count).toEqualTypeOf<tf.Scalar>();
  const { updates } = tx.update({ a: grads.a, z: grads.z }, state);
  const side = 10 / Math.sqrt(2);
  expect(maxDifference({ a: updates.a }, { a: [side, -side] })).toBeLessThan(1e-5);
  const still = graft({ magnitude: scale(2), direction: identity() });
  expect([...still.update(grads.z, still.init(grads.z)).updates.dataSync()]).toEqual([0, 0]);
});

test("normalizeByUpdateNorm: one norm for all, zero stays zero", () => {
  const grads = { a: tf.scalar(3), b: tf.tensor1d([4, 0]) };
  const tx = normalizeByUpdateNorm({ scaleFactor: 10, eps: 0 });
  expect(maxDifference(tx.update(grads, null).updates, { a: 6, b: [8, 0] })).toBeLessThan(1e-6);
  const zero = normalizeByUpdateNorm().update(tf.zeros([2]), null).updates;
  expect([...zero.dataSync()]).toEqual([0, 0]);
});

test("NovoGrad needs parameters only when they decay", () => {
  const grads = tf.tensor1d([3, 4]);
  const plain = scaleByNovograd({ eps: 0 });
  expect(
    maxDifference({ u: plain.update(grads, plain.init(grads)).updates }, { u: [0.6, 0.8] }),
  ).toBeLessThan(1e-6);
  const decayed = scaleByNovograd({ weightDecay: 0.1 });
  expect(() => decayed.update(grads, decayed.init(grads))).toThrow(
    "scaleByNovograd: expected the parameters as update's third argument, got undefined",
  );
});

test("errors name the option", () => {
  expect(() => scaleByTrustRatio({ eps: -1 })).toThrow(
    "scaleByTrustRatio: eps: expected a number at least 0, got -1",
  );
  expect(() => scaleByTrustRatio().update(tf.scalar(1), null)).toThrow(
    "scaleByTrustRatio: expected",
  );
  expect(() => scaleByParamBlockNorm().update(tf.scalar(1), null)).toThrow("scaleByParamBlockNorm");
  expect(() => scaleByParamBlockRms({ minScale: Number.NaN })).toThrow(
    "scaleByParamBlockRms: minScale",
  );
  expect(() => lamb({ learningRate: -1 })).toThrow("lamb: learningRate: expected");
  expect(() => lars({ learningRate: 1, momentum: 1 })).toThrow(
    "lars: momentum: expected a number in [0, 1), got 1",
  );
  expect(() => novograd({ learningRate: 1, b2: 1 })).toThrow("scaleByNovograd: b2");
  // @ts-expect-error the learning rate is missing
  expect(() => fromage({})).toThrow("fromage: learningRate: expected");
  // @ts-expect-error neither first nor last
  expect(() => centralize({ unitAxis: 1 })).toThrow('expected "first" or "last", got 1');
});
