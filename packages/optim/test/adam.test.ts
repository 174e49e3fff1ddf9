import type { TensorTree } from "@layerwise/autodiff";
import type { AnyTransformation, OptimizerState, ScaleByAdamState } from "@layerwise/optim";
import {
  acprop,
  adaBelief,
  adaBound,
  adaMax,
  adaMod,
  adam,
  adamEpsInRoot,
  adamL2,
  adamP,
  adamW,
  adan,
  ademamix,
  adopt,
  amsGrad,
  chain,
  diffGrad,
  ema,
  halfLifeSchedule,
  injectHyperparams,
  laProp,
  nadam,
  optimisticAdam,
  projectRadial,
  qhadam,
  radam,
  scale,
  scaleByAdam,
  scaleByAdopt,
  scaleByAmsgrad,
  scaleByNadam,
  scaleByRadam,
  scaleByRms,
  sgdP,
  simplifiedAdemamix,
  trace,
  yogi,
} from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, expectTypeOf, test } from "vitest";
import fixture from "./fixtures/optimizers.json" with { type: "json" };
import { float64, float64Tensor, type HostTensor, leafCount, numbers } from "./support/float64.ts";
import { float64Differences, type GoldenCase } from "./support/golden.ts";
import type { AnyOptimizer } from "./support/row.ts";
import "./setup.ts";

type Values = { readonly w: readonly (readonly number[])[]; readonly b: readonly number[] };
const flat = ({ w, b }: Values): number[] => [...b, ...w.flat()];
const learningRate = 0.1;

/** The updates of a transformation on the fixture's gradients times a factor, in float64. */
function updates64(optimizer: AnyTransformation, steps = 20, factor = 1): number[][] {
  const { init, update } = optimizer as unknown as AnyOptimizer;
  const params: TensorTree = { b: tf.zeros([4]), w: tf.zeros([3, 4]) };
  const host = (values: Values): HostTensor[] => [
    float64Tensor([4], values.b),
    float64Tensor([3, 4], values.w.flat()),
  ];
  const start = host(fixture.params);
  const step = float64(
    (p: TensorTree, before: unknown, g: TensorTree) => {
      const { updates, state } = update(g, before, p);
      return [updates, state];
    },
    params,
    init(params),
    params,
  );
  let state = float64(init, params)(start);
  return fixture.grads.slice(0, steps).map((grads) => {
    const scaled = host(grads).map(({ type, data }) =>
      float64Tensor(
        type.shape,
        Array.from(data as ArrayLike<number>, (x) => x * factor),
      ),
    );
    const next = step([...start, ...state, ...scaled]);
    state = next.slice(leafCount(params));
    return numbers(next.slice(0, leafCount(params)));
  });
}

/** The largest difference of two lists of updates, relative above 1. */
const distance = (a: readonly number[][], b: readonly number[][]): number =>
  Math.max(
    ...a.flatMap((row, i) =>
      row.map((x, j) => Math.abs(x - (b[i]?.[j] ?? Number.NaN)) / Math.max(1, Math.abs(x))),
    ),
  );

/** A rule for one number: the gradient and the step (from 1) to the step uphill. */
type Rule = () => (g: number, t: number) => number;

/** A golden case computed here, in float64 JavaScript, with learning rate 0.1. */
function oracle(name: string, rule: Rule): GoldenCase {
  const theta = flat(fixture.params);
  const rules = theta.map(() => rule());
  const steps = fixture.grads.map((grads, i) => {
    flat(grads).forEach((g, j) => {
      theta[j] = (theta[j] ?? 0) - learningRate * (rules[j]?.(g, i + 1) ?? 0);
    });
    const [b, w] = [theta.slice(0, 4), theta.slice(4)];
    return [i + 1, { b, w: [w.slice(0, 4), w.slice(4, 8), w.slice(8)] }] as const;
  });
  return { source: "JavaScript", name, config: {}, trajectory: Object.fromEntries(steps) };
}

const average = (decay: number): ((x: number) => number) => {
  let m = 0;
  return (x) => {
    m = decay * m + (1 - decay) * x;
    return m;
  };
};

describe("rules written out in float64 (oracle: the papers' pseudo-code, 50 steps)", () => {
  const { abs, max, sqrt } = Math;
  test.each<[string, AnyTransformation, Rule]>([
    [
      // Ma and Yarats, 2019, section 3.
      "QHAdam",
      qhadam({ learningRate, nu2: 0.9, eps: 1e-3 }),
      () => {
        const [m, v] = [average(0.995), average(0.999)];
        return (g, t) => {
          const [mHat, vHat] = [m(g) / (1 - 0.995 ** t), v(g * g) / (1 - 0.999 ** t)];
          return (0.3 * g + 0.7 * mHat) / (sqrt((1 - 0.9) * g * g + 0.9 * vHat) + 1e-3);
        };
      },
    ],
    [
      // Keras' documentation: u = max(β₂ u, |g|), θ −= η / (1 − β₁ᵗ) · m / (u + ε).
      "AdaMax with eps outside",
      adaMax({ learningRate, eps: 1e-3, epsOutside: true }),
      () => {
        const m = average(0.9);
        let u = 0;
        return (g, t) => {
          u = max(0.999 * u, abs(g));
          return m(g) / (1 - 0.9 ** t) / (u + 1e-3);
        };
      },
    ],
    [
      // Keras: α = η √(1 − β₂ᵗ) / (1 − β₁ᵗ), θ −= α m / (√max v + ε).
      "AMSGrad with eps before correction",
      amsGrad({ learningRate, eps: 1e-3, epsHat: true }),
      () => {
        const [m, v] = [average(0.9), average(0.999)];
        let w = 0;
        return (g, t) => {
          w = max(w, v(g * g));
          return ((sqrt(1 - 0.999 ** t) / (1 - 0.9 ** t)) * m(g)) / (sqrt(w) + 1e-3);
        };
      },
    ],
    [
      // Keras' Nadam: the products of the scheduled momentum, as running products.
      "NAdam with Keras' schedule",
      nadam({ learningRate, eps: 1e-3, momentumDecay: 1 }),
      () => {
        const [m, v] = [average(0.9), average(0.999)];
        const momentum = (t: number): number => 0.9 * (1 - 0.5 * 0.96 ** t);
        let product = 1;
        return (g, t) => {
          product *= momentum(t);
          const ofMean = (momentum(t + 1) * m(g)) / (1 - product * momentum(t + 1));
          const ofGradient = ((1 - momentum(t)) * g) / (1 - product);
          return (ofMean + ofGradient) / (sqrt(v(g * g) / (1 - 0.999 ** t)) + 1e-3);
        };
      },
    ],
    [
      // Taniguchi et al., 2024, algorithm 2.
      "ADOPT",
      adopt({ learningRate }),
      () => {
        let [m, v] = [0, 0];
        return (g, t) => {
          if (t > 1) {
            const limit = (t - 1) ** 0.25;
            m = 0.9 * m + (1 - 0.9) * max(-limit, Math.min(limit, g / max(sqrt(v), 1e-6)));
          }
          v = t === 1 ? g * g : 0.9999 * v + (1 - 0.9999) * g * g;
          return m;
        };
      },
    ],
    [
      // Dubey et al., 2020.
      "diffGrad",
      diffGrad({ learningRate, eps: 1e-3 }),
      () => {
        const [m, v] = [average(0.9), average(0.999)];
        let before = 0;
        return (g, t) => {
          const friction = 1 / (1 + Math.exp(-abs(before - g)));
          before = g;
          const root = sqrt(v(g * g) / (1 - 0.999 ** t)) + 1e-3;
          return (friction * m(g)) / (1 - 0.9 ** t) / root;
        };
      },
    ],
    [
      // Ziyin, Wang and Ueda, 2020, algorithm 1.
      "LaProp",
      laProp({ learningRate, b2: 0.95, eps: 1e-3 }),
      () => {
        const [m, v] = [average(0.9), average(0.95)];
        return (g, t) => m(g / (sqrt(v(g * g) / (1 - 0.95 ** t)) + 1e-3)) / (1 - 0.9 ** t);
      },
    ],
    [
      // Zhuang et al., 2021, in the way of optax.
      "ACProp",
      acprop({ learningRate, eps: 1e-3, epsRoot: 1e-3 }),
      () => {
        let [m, s] = [0, 0];
        return (g, t) => {
          const u = g / (t === 1 ? 1 + 1e-3 : sqrt(s / (1 - 0.999 ** (t - 1))) + 1e-3);
          s = 0.999 * s + (1 - 0.999) * (g - m) ** 2 + 1e-3;
          m = 0.9 * m + (1 - 0.9) * g;
          return u;
        };
      },
    ],
  ])("%s", (name, optimizer, rule) => {
    const seen = float64Differences(optimizer as unknown as AnyOptimizer, oracle(name, rule));
    expect(Object.keys(seen)).toHaveLength(50);
    expect(Math.max(...Object.values(seen))).toBeLessThan(1e-12);
  });
});

describe("identities, in float64", () => {
  const eps = 1e-3;
  test.each<[string, AnyTransformation, AnyTransformation]>([
    ["QHAdam(ν = 1) is Adam", qhadam({ learningRate, b1: 0.9, nu1: 1 }), adam({ learningRate })],
    [
      "QHAdam(ν₁ = 0) is Adam(b1 = 0)",
      qhadam({ learningRate, nu1: 0 }),
      adam({ learningRate, b1: 0 }),
    ],
    [
      "Adam(b1 = 0) is a debiased RMSProp",
      scaleByAdam({ b1: 0, eps }),
      scaleByRms({ decay: 0.999, debias: true, epsInSqrt: false, eps }),
    ],
    [
      "NAdam without a schedule is Nesterov's Adam",
      scaleByNadam({ eps }),
      scaleByAdam({ nesterov: true, eps }),
    ],
    ["and so with b1 = 0", scaleByNadam({ b1: 0 }), scaleByAdam({ nesterov: true, b1: 0 })],
    ["AdEMAMix(α = 0) is Adam", ademamix({ learningRate, alpha: 0 }), adam({ learningRate })],
    [
      "AdEMAMix with a slow average as fast as the first is 1 + α times RMSProp-normalized momentum",
      ademamix({ learningRate, alpha: 2, b1: 0, b3: 0, b2: 0.99 }),
      chain(adam({ learningRate, b1: 0, b2: 0.99 }), scale(3)),
    ],
    [
      "simplified AdEMAMix(b1 = 0) is 1 + α times Adam(b1 = 0)",
      simplifiedAdemamix({ learningRate, b1: 0, alpha: 4 }),
      adam({ learningRate: 5 * learningRate, b1: 0, b2: 0.95 }),
    ],
    [
      "optimistic Adam without its change is NAdam",
      optimisticAdam({ learningRate, beta: 0 }),
      nadam({ learningRate }),
    ],
    [
      "eps in the root is Adam's epsRoot",
      adamEpsInRoot({ learningRate, eps }),
      adam({ learningRate, eps: 0, epsRoot: eps }),
    ],
    [
      "an L2 penalty of 0 is none",
      adamL2({ learningRate, weightDecay: 0 }),
      adam({ learningRate }),
    ],
    ["a decay of 0 is none", adamW({ learningRate, weightDecay: 0 }), adam({ learningRate })],
    [
      "AdaBound whose band is closed is SGD with an average",
      adaBound({ learningRate, finalLearningRate: 0.25, gamma: 1e300 }),
      chain(ema({ decay: 0.9, debias: false }), scale(-0.25)),
    ],
    [
      "RAdam with too short a memory of squares is SGD with an average",
      radam({ learningRate, b2: 0.5 }),
      chain(ema({ decay: 0.9 }), scale(-learningRate)),
    ],
    [
      "and so without any",
      radam({ learningRate, b2: 0 }),
      chain(ema({ decay: 0.9 }), scale(-learningRate)),
    ],
    [
      "AdaMod whose average has no memory is Adam",
      adaMod({ learningRate, b3: 0, eps: 0 }),
      adam({ learningRate, eps: 0 }),
    ],
    [
      "AdamP that never projects is AdamW",
      adamP({ learningRate, delta: 0, weightDecay: 0.1 }),
      adamW({ learningRate, weightDecay: 0.1 }),
    ],
  ])("%s", (_, a, b) => {
    expect(distance(updates64(a), updates64(b))).toBeLessThan(1e-14);
  });

  const none = { eps: 0, epsRoot: 0 };
  test.each<[string, AnyTransformation]>([
    ["adam", adam({ learningRate, eps: 0 })],
    ["nadam", nadam({ learningRate, eps: 0, momentumDecay: 0.004 })],
    ["amsGrad", amsGrad({ learningRate, eps: 0 })],
    ["adaMax", adaMax({ learningRate, eps: 0 })],
    ["adaBelief", adaBelief({ learningRate, ...none })],
    ["yogi", yogi({ learningRate, eps: 0, initialAccumulatorValue: 0 })],
    ["adan", adan({ learningRate, eps: 0 })],
    ["qhadam", qhadam({ learningRate, eps: 0 })],
    ["ademamix", ademamix({ learningRate, eps: 0 })],
    ["simplifiedAdemamix", simplifiedAdemamix({ learningRate, eps: 0 })],
    ["adopt", adopt({ learningRate, eps: 0 })],
    ["laProp", laProp({ learningRate, eps: 0 })],
    ["optimisticAdam", optimisticAdam({ learningRate, eps: 0 })],
    ["adamP", adamP({ learningRate, eps: 0 })],
  ])("%s does not see the scale of gradients", (_, optimizer) => {
    const [plain, scaled] = [updates64(optimizer), updates64(optimizer, 20, 1000)];
    expect(plain.flat().every(Number.isFinite)).toBe(true);
    expect(distance(plain, scaled)).toBeLessThan(1e-12);
  });

  test("radam, whose first steps are not divided, does", () => {
    const optimizer = radam({ learningRate, eps: 0 });
    const [plain, scaled] = [updates64(optimizer), updates64(optimizer, 20, 1000)];
    expect(distance(plain.slice(0, 5), scaled.slice(0, 5))).toBeGreaterThan(1);
    expect(distance(plain.slice(5), scaled.slice(5))).toBeLessThan(1e-12);
  });

  test("AMSGrad's steps are never longer than Adam's", () => {
    const [slow, fast] = [scaleByAmsgrad({ b2: 0.9 }), scaleByAdam({ b2: 0.9 })].map((x) =>
      updates64(x, 50),
    );
    const ratios = (slow ?? []).flatMap((row, i) => row.map((x, j) => x / (fast?.[i]?.[j] ?? 0)));
    expect(Math.max(...ratios)).toBeLessThan(1 + 1e-12);
    expect(Math.min(...ratios)).toBeLessThan(0.5);
  });

  // A number that is a tensor takes another way through 1 − b, ln b and the comparisons with zero.
  const common = { learningRate: 0.1, b1: 0.8, b2: 0.95, eps: 1e-3 };
  test.each<[string, AnyTransformation, AnyTransformation]>([
    ["adam", adam(common), injectHyperparams(adam, common)],
    ["nadam", nadam(common), injectHyperparams(nadam, common)],
    [
      "nadam with a schedule",
      nadam({ ...common, momentumDecay: 1 }),
      injectHyperparams(nadam, { ...common, momentumDecay: 1 }),
    ],
    ["amsGrad", amsGrad(common), injectHyperparams(amsGrad, common)],
    ["radam", radam(common), injectHyperparams(radam, { ...common, threshold: 5 })],
    ["adaMax", adaMax(common), injectHyperparams(adaMax, common)],
    ["adaBelief", adaBelief(common), injectHyperparams(adaBelief, { ...common, epsRoot: 1e-16 })],
    ["yogi", yogi(common), injectHyperparams(yogi, { ...common, initialAccumulatorValue: 1e-6 })],
    ["adan", adan({ ...common, b3: 0.9 }), injectHyperparams(adan, { ...common, b3: 0.9 })],
    ["qhadam", qhadam(common), injectHyperparams(qhadam, { ...common, nu1: 0.7, nu2: 1 })],
    [
      "ademamix",
      ademamix(common),
      injectHyperparams(ademamix, { ...common, alpha: 5, b3: 0.9999 }),
    ],
    [
      "simplifiedAdemamix",
      simplifiedAdemamix(common),
      injectHyperparams(simplifiedAdemamix, common),
    ],
    ["adopt", adopt(common), injectHyperparams(adopt, { ...common, weightDecay: 0 })],
    ["acprop", acprop(common), injectHyperparams(acprop, common)],
    ["optimisticAdam", optimisticAdam(common), injectHyperparams(optimisticAdam, common)],
    ["adamP", adamP(common), injectHyperparams(adamP, { ...common, delta: 0.1 })],
    [
      "sgdP",
      sgdP({ learningRate, momentum: 0.9, weightDecay: 0.1 }),
      injectHyperparams(sgdP, { learningRate, momentum: 0.9, weightDecay: 0.1 }),
    ],
    ["adaBound", adaBound(common), injectHyperparams(adaBound, { ...common, gamma: 1e-3 })],
    ["adaMod", adaMod({ ...common, b3: 0.9 }), injectHyperparams(adaMod, { ...common, b3: 0.9 })],
    ["diffGrad", diffGrad(common), injectHyperparams(diffGrad, common)],
    ["laProp", laProp(common), injectHyperparams(laProp, common)],
  ])("%s takes its numbers as tensors too", (_, plain, injected) => {
    expect(distance(updates64(plain), updates64(injected))).toBeLessThan(1e-12);
  });
});

describe("a million steps in float32 (oracle: the formulas in float64)", () => {
  const steps = [1, 2, 5, 6, 7, 10, 100, 1e3, 1e4, 1e5, 1e6];
  const decays = [0.7, 0.9, 0.99, 0.999, 0.9999, 0.99999];
  const scalarOf = (x: TensorTree): number => (x as tf.Tensor).dataSync()[0] ?? Number.NaN;
  const before = (count: number, mu: number, nu: number): ScaleByAdamState => ({
    count: tf.scalar(count, "int32"),
    mu: tf.scalar(mu),
    nu: tf.scalar(nu),
  });
  const roundings = 2 ** -24;

  test("Adam's bias corrections stay exact to a few roundings", () => {
    let worst = 0;
    for (const b1 of decays)
      for (const b2 of decays)
        for (const t of steps) {
          const state = before(t - 1, 0.5, 0.25);
          const { updates } = scaleByAdam({ b1, b2, eps: 0 }).update(tf.scalar(2), state);
          const mean = (b1 * 0.5 + (1 - b1) * 2) / -Math.expm1(t * Math.log(b1));
          const square = (b2 * 0.25 + (1 - b2) * 4) / -Math.expm1(t * Math.log(b2));
          worst = Math.max(worst, Math.abs(scalarOf(updates) / (mean / Math.sqrt(square)) - 1));
        }
    expect(worst).toBeLessThan(6 * roundings);
  });

  test("NAdam's products do", () => {
    const b1 = 0.9999;
    const nadam32 = scaleByNadam({ b1, b2: 0, eps: 0, momentumDecay: 0.004 });
    const momentum = (t: number): number => b1 * (1 - 0.5 * 0.96 ** (0.004 * t));
    let state = nadam32.init(tf.scalar(0));
    let [product, m, worst] = [1, 0, 0];
    for (let t = 1; t <= 100; t++) {
      const result = nadam32.update(tf.scalar(1), state);
      state = result.state;
      product *= momentum(t);
      m = b1 * m + (1 - b1);
      const want =
        (1 - momentum(t)) / (1 - product) + (momentum(t + 1) * m) / (1 - product * momentum(t + 1));
      worst = Math.max(worst, Math.abs(scalarOf(result.updates) / want - 1));
    }
    expect(worst).toBeLessThan(20 * roundings);
  });

  test("RAdam's rectification does, where its textbook formula loses all digits", () => {
    let [worst, textbook] = [0, 0];
    for (const b2 of decays)
      for (const t of steps) {
        // m̂ = 1 and v̂ = 1: what is left is the rectification.
        const state = before(t - 1, 0, -Math.expm1((t - 1) * Math.log(b2)));
        const { updates } = scaleByRadam({ b1: 0, b2, eps: 0 }).update(tf.scalar(1), state);
        const f = (rho: number): number => ((rho - 4) * (rho - 2)) / rho;
        const limit = (1 + b2) / (1 - b2);
        const power = Math.exp(t * Math.log(b2));
        const length = limit - (2 * t * power) / -Math.expm1(t * Math.log(b2));
        const want = length >= 5 ? Math.sqrt(f(length) / f(limit)) : 1;
        worst = Math.max(worst, Math.abs(scalarOf(updates) / want - 1));
        const [l32, p32] = [Math.fround(limit), Math.fround(power)];
        const naive = Math.fround(l32 - Math.fround((2 * t * p32) / Math.fround(1 - p32)));
        textbook = Math.max(textbook, Math.abs(naive / length - 1));
      }
    expect(worst).toBeLessThan(20 * roundings);
    expect(textbook).toBeGreaterThan(0.1);
  });

  test("the count goes on beyond 2²⁴", () => {
    const { state } = scaleByAdam().update(tf.scalar(1), before(2 ** 24, 0, 0));
    expect(scalarOf(state.count)).toBe(2 ** 24 + 1);
  });
});

describe("what each rule is known for", () => {
  test("ADOPT's first step only fills the second moment", () => {
    const optimizer = scaleByAdopt();
    const { updates, state } = optimizer.update(
      tf.tensor1d([3, -2]),
      optimizer.init(tf.zeros([2])),
    );
    expect([...updates.dataSync()]).toEqual([0, 0]);
    expect([...(state.nu as tf.Tensor).dataSync()]).toEqual([9, 4]);
  });

  test("projections leave nothing along the weights, of channels or of the whole tensor", () => {
    const params = { w: tf.tensor2d([3, 1, -2, 4, 1, 1], [3, 2]), b: tf.tensor1d([1, 2]) };
    const grads = { w: tf.tensor2d([1, 2, 3, 1, -1, 2], [3, 2]), b: tf.tensor1d([3, 4]) };
    const inner = trace({ decay: 0 });
    const project = (delta: number): typeof params => {
      const optimizer = projectRadial(inner, { delta });
      return optimizer.update(grads, optimizer.init(params), params).updates;
    };
    const along = (u: tf.Tensor, axis: number[]): number[] => [
      ...tf.sum(tf.mul(u, params.w), axis).dataSync(),
    ];
    // The cosines are −0.32 and 0.63 for the columns, 0.16 for the tensor; their limits are δ/√3 and δ/√6.
    const [none, tensor, channel] = [0.3, 0.6, 1.2].map(project);
    expect([...(none?.w.dataSync() ?? [])]).toEqual([...grads.w.dataSync()]);
    expect(along(tensor?.w as tf.Tensor, [0, 1])[0]).toBeCloseTo(0, 5);
    expect(Math.abs(along(tensor?.w as tf.Tensor, [0])[0] ?? 0)).toBeGreaterThan(1);
    for (const x of along(channel?.w as tf.Tensor, [0])) expect(x).toBeCloseTo(0, 5);
    for (const { b } of [tensor, channel] as (typeof params)[]) {
      expect([...b.dataSync()]).toEqual([3, 4]);
    }
  });

  test("the channel axis follows the layout", () => {
    const params = tf.tensor2d([3, 1, -2, 4, 1, 1], [3, 2]);
    const grads = tf.tensor2d([1, 2, 3, 1, -1, 2], [3, 2]);
    const run = (p: tf.Tensor2D, g: tf.Tensor2D, channelAxis: number): tf.Tensor => {
      const optimizer = sgdP({ learningRate, delta: 1.2, channelAxis });
      return optimizer.update(g, optimizer.init(p), p).updates;
    };
    const [ours, torch] = [
      run(params, grads, -1),
      run(tf.transpose(params), tf.transpose(grads), 0),
    ];
    expect([...tf.transpose(torch).dataSync()]).toEqual([...ours.dataSync()]);
  });

  test("optimistic Adam finds the equilibrium of x·y, which plain steps leave", () => {
    const play = (optimizer: AnyTransformation): number => {
      const { init, update } = optimizer as unknown as AnyOptimizer;
      let [x, y] = [tf.scalar(1), tf.scalar(1)] as tf.Tensor[];
      let state = init({ x: tf.scalar(0), y: tf.scalar(0) });
      for (let i = 0; i < 200; i++) {
        const grads = { x: y as tf.Tensor, y: tf.neg(x as tf.Tensor) };
        const next = update(grads, state, grads);
        state = next.state;
        const step = next.updates as typeof grads;
        [x, y] = [tf.add(x as tf.Tensor, step.x), tf.add(y as tf.Tensor, step.y)];
      }
      return Math.hypot(x?.dataSync()[0] ?? 0, y?.dataSync()[0] ?? 0);
    };
    const options = { learningRate, b1: 0, nesterov: false };
    const start = Math.SQRT2;
    expect(play(optimisticAdam({ ...options, beta: 0 }))).toBeGreaterThan(start);
    expect(play(optimisticAdam(options))).toBeLessThan(start / 10);
  });

  test("the half life goes in a straight line and then stays", () => {
    const decay = halfLifeSchedule({ initValue: 0.9, endValue: 0.999, steps: 100 });
    const halfLife = (t: number): number =>
      Math.log(0.5) / Math.log(decay(tf.scalar(t, "int32")).dataSync()[0] ?? 0);
    const [first, middle, last, later] = [0, 50, 100, 1000].map(halfLife) as [
      number,
      number,
      number,
      number,
    ];
    expect(first).toBeCloseTo(Math.log(0.5) / Math.log(0.9), 3);
    expect(middle / ((first + last) / 2)).toBeCloseTo(1, 3);
    expect(last / (Math.log(0.5) / Math.log(0.999))).toBeCloseTo(1, 3);
    expect(later).toBe(last);
  });
});

test("errors name the optimizer, the option and the value", () => {
  expect(() => adamL2({ learningRate: -1 })).toThrow(
    "adamL2: learningRate: expected a number at least 0 or a schedule, got -1",
  );
  expect(() => adam({ learningRate, eps: -1 })).toThrow(
    "scaleByAdam: eps: expected a number at least 0, got -1",
  );
  expect(() => nadam({ learningRate, momentumDecay: -1 })).toThrow(
    "scaleByNadam: momentumDecay: expected a number at least 0, got -1",
  );
  expect(() => adan({ learningRate, b3: 1 })).toThrow(
    "scaleByAdan: b3: expected a number in [0, 1), got 1",
  );
  expect(() => ademamix({ learningRate, b3: 2 })).toThrow(
    "scaleByAdemamix: b3: expected a number in [0, 1), got 2",
  );
  expect(() => amsGrad({ learningRate, correction: "both" as "none" })).toThrow(
    'scaleByAmsgrad: correction: expected one of "after-max", "before-max", "none", got both',
  );
  expect(() => halfLifeSchedule({ initValue: 0.9, endValue: 1, steps: 10 })).toThrow(
    "halfLifeSchedule: endValue: expected a number in (0, 1), got 1",
  );
  const params = tf.zeros([2, 2]);
  const optimizer = adamP({ learningRate });
  expect(() => optimizer.update(params, optimizer.init(params))).toThrow(
    "projectRadial: expected the parameters as update's third argument, got undefined",
  );
});

test("learning rates are required; states are tuples of named parts", () => {
  // @ts-expect-error learningRate is missing
  expect(() => adam({ b1: 0.9 })).toThrow("adam: learningRate: expected");
  // @ts-expect-error learningRate is missing
  expect(() => adaBound({})).toThrow("adaBound: learningRate: expected");
  // @ts-expect-error nothing at all
  expect(() => yogi()).toThrow("yogi: learningRate: expected");
  // @ts-expect-error NAdam always looks ahead
  nadam({ learningRate, nesterov: true });
  const optimizer = amsGrad({ learningRate });
  expectTypeOf<OptimizerState<typeof optimizer>[0]["nuMax"]>().toEqualTypeOf<TensorTree>();
});
