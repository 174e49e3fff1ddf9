import { grad, random, treeMap } from "@layerwise/autodiff";
import {
  batchNorm,
  decorrelatedBatchNorm,
  evoNorm,
  filterResponseNorm,
  globalResponseNorm,
  groupNorm,
  instanceNorm,
  layerNorm,
  pixelNorm,
  rmsNorm,
  unitNorm,
} from "@layerwise/norm";
import { float64, numbers } from "@layerwise/test";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { maxDifference } from "./setup.ts";
import { type AnyLayer, hostsOf, outputOf } from "./support/evaluate.ts";

const inputShape = [3, 5, 4];
const x = tf.add(tf.mul(random.normal(random.key(1), [6, ...inputShape]), 2), 0.7);
const training = { training: true } as const;

interface Case {
  readonly name: string;
  readonly layer: AnyLayer;
  /** The axes over which each slice is normalised. */
  readonly axes: readonly number[];
  /** Whether the mean is taken out. Default true. */
  readonly centers?: boolean;
}

// ε 0, so that invariances are exact.
const cases: readonly Case[] = [
  { name: "batchNorm", layer: batchNorm({ eps: 0 }), axes: [0, 1, 2] },
  { name: "layerNorm", layer: layerNorm({ eps: 0 }), axes: [3] },
  { name: "layerNorm of two axes", layer: layerNorm({ eps: 0, lastAxes: 2 }), axes: [2, 3] },
  { name: "instanceNorm", layer: instanceNorm({ eps: 0 }), axes: [1, 2] },
  { name: "groupNorm of one group", layer: groupNorm({ eps: 0, groups: 1 }), axes: [1, 2, 3] },
  { name: "rmsNorm", layer: rmsNorm({ eps: 0 }), axes: [3], centers: false },
  { name: "pixelNorm", layer: pixelNorm({ eps: 0 }), axes: [3], centers: false },
  { name: "unitNorm", layer: unitNorm({ eps: 0 }), axes: [3], centers: false },
  {
    name: "filterResponseNorm",
    layer: filterResponseNorm({ eps: 0 }),
    axes: [1, 2],
    centers: false,
  },
];

describe.each(cases.map((c) => [c.name, c] as const))(
  "%s",
  (name, { layer, axes, centers = true }) => {
    const variables = layer.init(random.key(0), inputShape);
    const apply = (v: tf.Tensor): tf.Tensor => outputOf(layer, variables, v, training);
    const over = [...axes];

    test("the output has mean 0 and mean square 1 over the normalised axes", () => {
      const y = apply(x);
      if (centers) expect(maxAbs(tf.mean(y, over))).toBeLessThan(1e-6);
      const size = name === "unitNorm" ? 4 : 1;
      expect(maxAbs(tf.sub(tf.mul(tf.mean(tf.square(y), over), size), 1))).toBeLessThan(3e-6);
    });

    test("scaling or (with a mean) shifting a slice of the input changes nothing", () => {
      const slices = tf.mean(x, over, true).shape;
      const scale = tf.add(0.5, random.uniform(random.key(2), slices));
      const shift = centers ? tf.mul(random.normal(random.key(3), slices), 3) : 0;
      expect(
        maxDifference(apply(tf.add(tf.mul(x, scale), shift)), apply(x).arraySync()),
      ).toBeLessThan(4e-6);
    });

    test("the gradient is orthogonal to those directions: dx sums to 0, and so does x · dx", () => {
      const cot = random.normal(random.key(4), x.shape);
      const slope = grad((v: tf.Tensor) => tf.sum(tf.mul(apply(v), cot)));
      const sums = float64((v: tf.Tensor) => {
        const dx = slope(v);
        return [tf.sum(tf.mul(dx, v), over), tf.sum(dx, over)];
      }, x)(hostsOf(x));
      const [scaling = NaN, shifting = NaN] = sums.map((s) =>
        Math.max(...numbers([s]).map(Math.abs)),
      );
      expect(scaling).toBeLessThan(1e-12);
      if (centers) expect(shifting).toBeLessThan(1e-12);
      else expect(shifting).toBeGreaterThan(1e-3);
    });
  },
);

describe("constant slices", () => {
  const beta = [1, 2, 3, 4];
  const layers: readonly AnyLayer[] = [
    layerNorm(),
    batchNorm(),
    groupNorm({ groups: 1 }),
    instanceNorm({ affine: true }),
    evoNorm({ groups: 1 }),
    decorrelatedBatchNorm(),
  ];
  test.each(layers.map((layer) => [layer.kind, layer] as const))(
    "%s: a constant gives β, with finite gradients, near zero and far from it",
    (kind, layer) => {
      const { params, state } = layer.init(random.key(0), [7, 4]);
      const variables = { params: { ...params, beta: tf.tensor1d(beta) }, state };
      for (const value of [0, 0.1, 1234.567, -50, 1000]) {
        const constant = tf.fill([3, 7, 4], value);
        // EvoNorm does not subtract the mean: only its gradients are looked at.
        const y = outputOf(layer, variables, constant, training);
        const differences = maxAbs(tf.sub(y, beta));
        if (kind !== "evoNorm") expect(differences).toBeLessThan(1e-6);
        const gradients = grad((v: tf.Tensor) =>
          tf.sum(tf.square(outputOf(layer, variables, v, training))),
        )(constant);
        expect([...gradients.dataSync()].every(Number.isFinite)).toBe(true);
      }
    },
  );

  test("zeros have finite gradients where there is no mean to subtract", () => {
    for (const layer of [
      rmsNorm(),
      pixelNorm(),
      unitNorm(),
      filterResponseNorm(),
      globalResponseNorm(),
    ] as readonly AnyLayer[]) {
      const variables = layer.init(random.key(0), [7, 4]);
      const moved = {
        ...variables,
        params: variables.params && treeMap((p: tf.Tensor) => tf.add(p, 0.5), variables.params),
      };
      const slope = grad((v: tf.Tensor) => tf.sum(outputOf(layer, moved as typeof variables, v)))(
        tf.zeros([3, 7, 4]),
      );
      expect([...slope.dataSync()].every(Number.isFinite)).toBe(true);
    }
  });
});

test("large and small inputs stay finite: variances are of differences", () => {
  const far = tf.add(random.normal(random.key(5), [64, 4]), 1e4);
  for (const layer of [batchNorm(), layerNorm()] as readonly AnyLayer[]) {
    const variables = layer.init(random.key(0), [4]);
    const y = outputOf(layer, variables, far, training);
    const shifted = outputOf(layer, variables, tf.sub(far, 1e4), training);
    // The input itself is only known to 5e-4 there.
    expect(maxDifference(y, shifted.arraySync())).toBeLessThan(2e-3);
  }
});

test("decorrelated outputs have the identity as covariance; five steps only shrink it", () => {
  const mixed = tf.matMul(random.normal(random.key(6), [200, 3]), [
    [2, 1, 0],
    [0, 1, 0.5],
    [0, 0, 0.3],
  ] as unknown as tf.Tensor2D);
  const covariance = (iterations: number): tf.Tensor => {
    const layer = decorrelatedBatchNorm({ iterations, eps: 0 });
    const y = layer.apply(layer.init(random.key(0), [3]), mixed, training).y as tf.Tensor2D;
    return tf.div(tf.matMul(y, y, true), 200);
  };
  expect(maxDifference(covariance(20), tf.eye(3).arraySync())).toBeLessThan(2e-5);
  const diagonal = [0, 1, 2].map((i) => covariance(5).dataSync()[4 * i] ?? NaN);
  expect(diagonal.every((v) => v > 0 && v < 1.01)).toBe(true);
  expect(Math.min(...diagonal)).toBeLessThan(0.9);
});

function maxAbs(t: tf.Tensor): number {
  return tf.max(tf.abs(t)).dataSync()[0] ?? NaN;
}
