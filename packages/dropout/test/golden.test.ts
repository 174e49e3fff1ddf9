import { constant, grad } from "@layerwise/autodiff";
import {
  concreteDropoutPenalty,
  type VariationalDenseParams,
  variationalKl,
} from "@layerwise/dropout";
import { dense } from "@layerwise/layers";
import { float64, float64Tensor, numbers } from "@layerwise/test";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { applyMask } from "../src/core/mask.ts";
import { addNoise } from "../src/corruption/gaussian-noise.ts";
import { relaxedDrop } from "../src/learned/concrete-dropout.ts";
import { reparametrize } from "../src/learned/variational-dense.ts";
import { applyAlphaMask } from "../src/units/alpha-dropout.ts";
import { multiplyNoise } from "../src/units/gaussian-dropout.ts";
import kl from "./fixtures/kl.json" with { type: "json" };
import golden from "./fixtures/masked-dropout.json" with { type: "json" };
import torch from "./fixtures/torch.json" with { type: "json" };
import "./setup.ts";
import { distance } from "./support/gradient.ts";

type Nested = number | readonly Nested[];
type Values = { readonly shape: readonly number[]; readonly values: readonly number[] };

const flat = (nested: unknown): number[] => [nested].flat(Infinity) as number[];
const shapeOf = (nested: Nested): number[] =>
  typeof nested === "number" ? [] : [nested.length, ...shapeOf(nested[0] ?? 0)];
const given = (nested: unknown): Values => ({
  shape: shapeOf(nested as Nested),
  values: flat(nested),
});
const bool = (mask: tf.Tensor): tf.Tensor => tf.cast(mask, "bool");

/** Compares in float64 at 1e-12 and in float32 at 1e-6, relative to the largest value or 1. */
function agree(
  fn: (...args: tf.Tensor[]) => unknown,
  inputs: readonly Values[],
  want: unknown,
): void {
  const tensors = inputs.map(({ shape, values }) => tf.tensor([...values], [...shape], "float32"));
  const run = float64(fn as (...args: readonly unknown[]) => unknown, ...tensors);
  const exact = numbers(run(inputs.map(({ shape, values }) => float64Tensor(shape, values))));
  expect(distance(exact, flat(want))).toBeLessThan(1e-12);
  const rounded = [fn(...tensors)].flat() as tf.Tensor[];
  const got = rounded.flatMap((y) => Array.from(y.dataSync()));
  expect(distance(got, flat(want))).toBeLessThan(1e-6);
}

type Case = (typeof golden.cases)[number];
type Args = readonly [x: tf.Tensor, second: tf.Tensor, third: tf.Tensor, fourth: tf.Tensor];

/** What each case computes, from x and the randomness given, and the parameters if any. */
const formulas: Readonly<Record<string, (c: Case, ...args: Args) => tf.Tensor>> = {
  dropout_inverted: ({ p = 0 }, x, keep) => applyMask(x, bool(keep), p),
  alpha_dropout: ({ p = 0 }, x, keep) => applyAlphaMask(x, bool(keep), p),
  spatial_dropout2d_NCHW: ({ p = 0 }, x, keep) => applyMask(x, bool(keep), p),
  feature_alpha_dropout_NCHW: ({ p = 0 }, x, keep) => applyAlphaMask(x, bool(keep), p),
  gaussian_dropout: ({ p = 0 }, x, eps) => multiplyNoise(x, eps, p),
  gaussian_noise: ({ stddev = 0 }, x, eps) => addNoise(x, eps, stddev),
  drop_connect: ({ p = 0 }, x, keep, weights, bias) => {
    const kernel = tf.transpose(applyMask(weights, bool(keep), p)) as tf.Tensor2D;
    const params = { kernel, bias: bias as tf.Tensor1D };
    return dense({ units: 5 }).apply({ params, state: null }, x).y;
  },
  concrete_dropout: ({ p = 0, temperature = 0 }, x, u) =>
    relaxedDrop(x, u, constant(Math.log(p / (1 - p))), temperature),
};

test("the fixture has a formula for each of its cases", () => {
  expect(golden.cases.map(({ name }) => name)).toEqual(Object.keys(formulas));
});

test.each(golden.cases)("$name with the mask given (oracle: formulas in numpy, float64)", (c) => {
  const formula = formulas[c.name];
  const inputs = [c.x, c.keep ?? c.eps ?? c.u, ...(c.W === undefined ? [] : [c.W, c.b])];
  agree((...args) => formula?.(c, ...(args as unknown as Args)), inputs.map(given), c.y);
});

test.each(torch.cases)("$name at rate $p (oracle: torch.nn.functional, its own masks)", (c) => {
  const apply = /alpha/i.test(c.name) ? applyAlphaMask : applyMask;
  const { shape } = c;
  const mask = { shape, values: c.keep };
  const fn = (x: tf.Tensor, keep: tf.Tensor, cot: tf.Tensor) => {
    const y = (v: tf.Tensor) => apply(v, bool(keep), c.p);
    return [y(x), grad((v: tf.Tensor) => tf.sum(tf.mul(y(v), cot)))(x)];
  };
  const inputs = [{ shape, values: c.x }, mask, { shape, values: c.cot }];
  agree(fn as never, inputs, [c.y, c.dx]);
});

test("dropConnect's gradients reach kept weights only (oracle: torch autograd)", () => {
  const c = torch.dropConnect;
  type Leaves = { readonly x: tf.Tensor; readonly w: tf.Tensor; readonly b: tf.Tensor };
  const fn = (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor, keep: tf.Tensor, cot: tf.Tensor) => {
    const y = (at: Leaves) => {
      const kernel = applyMask(at.w, bool(keep), c.p) as tf.Tensor2D;
      const params = { kernel, bias: at.b as tf.Tensor1D };
      return dense({ units: 5 }).apply({ params, state: null }, at.x).y;
    };
    const d = grad((at: Leaves) => tf.sum(tf.mul(y(at), cot)))({ x, w, b });
    return [y({ x, w, b }), d.x, d.w, d.b];
  };
  const inputs = [
    { shape: [3, 4], values: c.x },
    { shape: [4, 5], values: c.kernel },
    { shape: [5], values: c.bias },
    { shape: [4, 5], values: c.keep },
    { shape: [3, 5], values: c.cot },
  ];
  agree(fn as never, inputs, [c.y, c.dx, c.dkernel, c.dbias]);
});

test("concrete dropout learns its rate (oracle: torch autograd)", () => {
  const c = torch.concrete;
  const fn = (x: tf.Tensor, logit: tf.Tensor, u: tf.Tensor, cot: tf.Tensor) => {
    const y = (at: { readonly x: tf.Tensor; readonly logit: tf.Tensor }) =>
      relaxedDrop(at.x, u, at.logit, c.temperature);
    const d = grad((at: Parameters<typeof y>[0]) => tf.sum(tf.mul(y(at), cot)))({ x, logit });
    return [y({ x, logit }), d.x, d.logit];
  };
  const inputs = [
    { shape: [3, 4], values: c.x },
    { shape: [], values: [c.logit] },
    { shape: [3, 4], values: c.u },
    { shape: [3, 4], values: c.cot },
  ];
  agree(fn as never, inputs, [c.y, c.dx, c.dlogit]);
});

test.each(torch.concrete.penalty)(
  "concrete dropout's penalty at logit $logit (oracle: torch)",
  (c) => {
    const fn = (logit: tf.Tensor, kernel: tf.Tensor) => {
      const value = (at: { readonly logit: tf.Tensor; readonly kernel: tf.Tensor }) =>
        concreteDropoutPenalty(
          { logit: at.logit as tf.Scalar },
          { kernel: at.kernel, inputs: 4, weightRegularizer: 0.02, dropoutRegularizer: 0.05 },
        );
      const d = grad(value)({ logit, kernel });
      return [value({ logit, kernel }), d.kernel, d.logit];
    };
    const kernel = { shape: [4, 3], values: torch.concrete.kernel };
    agree(fn as never, [{ shape: [], values: [c.logit] }, kernel], [c.value, c.dkernel, c.dlogit]);
  },
);

test("variational dense: local reparametrisation and KL (oracle: torch autograd)", () => {
  const c = torch.variational;
  type Leaves = { [name in "x" | "kernel" | "logVariance" | "bias"]: tf.Tensor };
  const fn = (...args: tf.Tensor[]) => {
    const [x, kernel, logVariance, bias, eps, cot] = args as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    const at: Leaves = { x, kernel, logVariance, bias };
    const y = (v: Leaves) => {
      const center = tf.add(tf.matMul(v.x, v.kernel), v.bias);
      const variance = tf.matMul(tf.square(v.x), tf.exp(v.logVariance));
      return reparametrize(center, variance, eps);
    };
    const cost = (v: Leaves) => variationalKl(v as unknown as VariationalDenseParams);
    const d = grad((v: Leaves) => tf.sum(tf.mul(y(v), cot)))(at);
    const k = grad(cost)(at);
    return [y(at), d.x, d.kernel, d.logVariance, d.bias, cost(at), k.kernel, k.logVariance];
  };
  const inputs = [
    { shape: [3, 4], values: c.x },
    { shape: [4, 5], values: c.kernel },
    { shape: [4, 5], values: c.logVariance },
    { shape: [5], values: c.bias },
    { shape: [3, 5], values: c.eps },
    { shape: [3, 5], values: c.cot },
  ];
  const { dx, dkernel, dlogVariance, dbias, klDkernel, klDlogVariance } = c;
  agree(fn as never, inputs, [
    c.y,
    dx,
    dkernel,
    dlogVariance,
    dbias,
    c.kl,
    klDkernel,
    klDlogVariance,
  ]);
});

test("the KL approximation is within 0.008 of the divergence (oracle: quadrature in scipy)", () => {
  kl.logAlpha.forEach((logAlpha, i) => {
    const params = { kernel: tf.ones([1, 1]), logVariance: tf.fill([1, 1], logAlpha), bias: null };
    const [value = Number.NaN] = variationalKl(params as VariationalDenseParams).dataSync();
    expect(Math.abs(value - (kl.kl[i] ?? 0))).toBeLessThan(0.008);
  });
});
