import { compile, constant, grad, hvp, random, type TensorTree } from "@layerwise/autodiff";
import type {
  AnyTransformation,
  ExtraOf,
  GradientTransformation,
  HvpExtra,
} from "@layerwise/optim";
import {
  adaHessian,
  applyUpdates,
  chain,
  hutchinsonDiagonal,
  scale,
  scaleByAdahessian,
  scaleBySophia,
  sophia,
} from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, expectTypeOf, test } from "vitest";
import { maxDifference } from "./setup.ts";
import { distance, trajectory, trajectoryOf } from "./support/trajectory.ts";

const size = 16;
/** A diagonal with positive, negative and zero curvature. */
const curvatures = Array.from({ length: size }, (_, i) => 40 * Math.sin(i) ** 3 * (i % 5));
/** The same number for each parameter, in the order of {@link trajectoryOf}. */
const inTurn = (values: readonly number[]) => {
  let next = 0;
  return () => values[next++ % values.length] ?? Number.NaN;
};
const diagonal = (): tf.Tensor => tf.stack(curvatures.map(constant));

/** An optimizer of a function whose Hessian is that diagonal. */
const curved = (tx: ReturnType<typeof sophia> | ReturnType<typeof adaHessian>): AnyTransformation =>
  ({
    init: (params: TensorTree) => tx.init(params),
    update: (grads: TensorTree, state: never, params: TensorTree) =>
      tx.update(grads, state, params, {
        hvp: ((vector: tf.Tensor) => tf.mul(diagonal(), vector)) as never,
      }),
  }) as unknown as AnyTransformation;

describe("Hutchinson's estimate", () => {
  // H = A + Aᵀ of a fixed A, so that diagonals are 2 a_ii.
  const matrix = tf.tensor2d([2, 1, -1, 1, 4, 0.5, -1, 0.5, 6], [3, 3]);
  const product = ({ a, b }: { readonly a: tf.Tensor; readonly b: tf.Tensor }) => {
    const flat = tf.matMul(matrix, tf.reshape(tf.concat([tf.reshape(a, [1]), b]), [3, 1]));
    return { a: tf.reshape(tf.slice(flat, 0, 1), []), b: tf.reshape(tf.slice(flat, 1), [2]) };
  };
  const like = { a: tf.scalar(0), b: tf.tensor1d([0, 0]) };

  test.each([
    // Six standard errors of the mean: √(Σ_{j≠i} h_ij² / 2000), with 2 h_ii² more if normal.
    ["rademacher", [0.19, 0.15, 0.15]],
    ["normal", [0.43, 0.78, 1.16]],
  ] as const)("%s probes: the mean of 2000 is the diagonal", (distribution, tolerance) => {
    const estimate = compile((key: random.Key) =>
      hutchinsonDiagonal(product, key, like, { distribution, samples: 10 }),
    );
    const sums = [0, 0, 0];
    for (let seed = 0; seed < 200; seed++) {
      const { a, b } = estimate(random.key(seed));
      [...a.dataSync(), ...b.dataSync()].forEach((x, i) => {
        sums[i] = (sums[i] ?? 0) + x / 200;
      });
    }
    estimate.dispose();
    [2, 4, 6].forEach((want, i) => {
      expect(Math.abs((sums[i] ?? Number.NaN) - want)).toBeLessThan(tolerance[i] ?? 0);
    });
  });

  test("random signs are exact for a diagonal matrix, whatever the key", () => {
    const x = tf.tensor1d([1, -2, 3]);
    const own = (vector: tf.Tensor1D) => tf.mul(vector, x);
    for (const seed of [0, 1, 2 ** 40]) {
      const got = hutchinsonDiagonal(own, random.key(seed), x);
      expect(got.dataSync()).toEqual(x.dataSync());
    }
  });

  test("a leaf's probes depend on its path, not on the leaves beside it", () => {
    const seen: Record<string, string>[] = [];
    const record = <T extends Record<string, tf.Tensor>>(vector: T): T => {
      const entries = Object.entries(vector);
      seen.push(Object.fromEntries(entries.map(([name, x]) => [name, x.dataSync().join()])));
      return vector;
    };
    const leaf = tf.zeros([64]);
    hutchinsonDiagonal(record, random.key(1), { w: leaf });
    hutchinsonDiagonal(record, random.key(1), { a: leaf, w: leaf });
    hutchinsonDiagonal(record, random.key(2), { w: leaf });
    const of = (i: number, name: string) => seen[i]?.[name];
    expect(of(1, "w")).toBe(of(0, "w"));
    expect(of(1, "a")).not.toBe(of(1, "w"));
    expect(of(2, "w")).not.toBe(of(0, "w"));
    expect(new Set(of(0, "w")?.split(","))).toEqual(new Set(["1", "-1"]));
  });

  test("leaves nothing behind and names a bad option", () => {
    const key = random.key(0);
    const before = tf.memory().numTensors;
    tf.dispose(hutchinsonDiagonal(product, key, like, { samples: 3 }));
    expect(tf.memory().numTensors).toBe(before);
    expect(() => hutchinsonDiagonal(product, key, like, { samples: 0 })).toThrow(
      "hutchinsonDiagonal: samples: expected a positive whole number of steps, got 0",
    );
    expect(() => hutchinsonDiagonal(product, key, like, { distribution: "x" as never })).toThrow(
      'hutchinsonDiagonal: distribution: expected one of "rademacher", "normal", got x',
    );
  });
});

describe("Sophia", () => {
  test.each([
    ["its defaults", {}],
    ["an estimate at every third step", { updateInterval: 3, b2: 0.5, gamma: 0.5 }],
    ["a larger limit", { updateInterval: 1, b1: 0.5, clipThreshold: 2, gamma: 0.1, eps: 0.1 }],
  ])("is algorithm 3 of the paper with %s (oracle: the algorithm in float64)", (_, options) => {
    const { b1, b2, gamma, eps, clipThreshold, updateInterval } = {
      ...{ b1: 0.965, b2: 0.99, gamma: 0.01, eps: 1e-12, clipThreshold: 1, updateInterval: 10 },
      ...options,
    };
    const next = inTurn(curvatures);
    const wanted = trajectoryOf(() => {
      let [m, h] = [0, 0];
      const curvature = next();
      return (theta, g, t) => {
        m = b1 * m + (1 - b1) * g;
        if (t % updateInterval === 0) h = b2 * h + (1 - b2) * curvature;
        const ratio = m / Math.max(gamma * h, eps);
        const clipped = Math.min(Math.max(ratio, -clipThreshold), clipThreshold);
        return theta - 0.1 * (clipped + 0.01 * theta);
      };
    });
    const own = sophia({ learningRate: 0.1, weightDecay: 0.01, ...options });
    expect(distance(trajectory(curved(own)), wanted)).toBeLessThan(1e-12);
  });
});

describe("AdaHessian", () => {
  test.each([
    ["its defaults", {}],
    ["a smaller power", { hessianPower: 0.5, b1: 0.5, b2: 0.9, eps: 1e-3 }],
  ])("is algorithm 1 of the paper with %s (oracle: the algorithm in float64)", (_, options) => {
    const { b1, b2, eps, hessianPower } = {
      ...{ b1: 0.9, b2: 0.999, eps: 1e-8, hessianPower: 1 },
      ...options,
    };
    // No zeros: a parameter without curvature makes steps of g / eps.
    const nonZero = curvatures.map((h) => h || 1);
    const next = inTurn(nonZero);
    const wanted = trajectoryOf(() => {
      let [m, v] = [0, 0];
      const curvature = next();
      return (theta, g, t) => {
        m = b1 * m + (1 - b1) * g;
        v = b2 * v + (1 - b2) * curvature ** 2;
        const [c1, c2] = [1 - b1 ** (t + 1), 1 - b2 ** (t + 1)];
        return theta - 0.1 * (m / c1 / ((v / c2) ** (hessianPower / 2) + eps) + 0.01 * theta);
      };
    });
    const tx = adaHessian({ learningRate: 0.1, weightDecay: 0.01, ...options });
    const own = {
      init: (params: TensorTree) => tx.init(params),
      update: (grads: TensorTree, state: never, params: TensorTree) =>
        tx.update(grads, state, params, {
          hvp: ((vector: tf.Tensor) => tf.mul(tf.stack(nonZero.map(constant)), vector)) as never,
        }),
    } as unknown as AnyTransformation;
    expect(distance(trajectory(own), wanted)).toBeLessThan(1e-12);
  });

  test("averages over the window of a convolution, for each pair of channels (by hand)", () => {
    // Kernel [2, 2, 1, 2]: the windows of the two filters are 1, 3, 5, 7 and −2, 4, −6, 8.
    const h = tf.tensor4d([1, -2, 3, 4, 5, -6, 7, 8], [2, 2, 1, 2]);
    const own = (vector: tf.Tensor) => tf.mul(h, vector);
    const updates = (spatialAverage: boolean) => {
      const tx = scaleByAdahessian({ spatialAverage, eps: 1e-12 });
      const grads = tf.ones([2, 2, 1, 2]) as tf.Tensor4D;
      return tx.update(grads, tx.init(grads), grads, { hvp: own }).updates;
    };
    const averaged = [0.25, 1].concat([0.25, 1], [0.25, 1], [0.25, 1]);
    expect(maxDifference({ u: updates(true) }, { u: averaged })).toBeLessThan(1e-6);
    const each = [1, 2, 3, 4, 5, 6, 7, 8].map((x) => 1 / x);
    expect(maxDifference({ u: updates(false) }, { u: each })).toBeLessThan(1e-6);
  });

  test("without memory it is Newton's step on a separable quadratic", () => {
    const loss = (x: tf.Tensor) => tf.sum(tf.mul([1, 50], tf.square(tf.sub(x, [2, -1]))));
    const params = tf.tensor1d([7, 7]);
    const tx = adaHessian({ learningRate: 1, b1: 0, b2: 0 });
    const product = (v: tf.Tensor) => hvp(loss, [params as tf.Tensor], [v])[0];
    const grads = grad(loss)(params) as tf.Tensor1D;
    const { updates } = tx.update(grads, tx.init(params), params, { hvp: product });
    expect(maxDifference({ x: applyUpdates(params, updates) }, { x: [2, -1] })).toBeLessThan(1e-5);
  });
});

test.each([
  ["scaleBySophia", (seed: number) => scaleBySophia({ seed })],
  ["scaleByAdahessian", (seed: number) => scaleByAdahessian({ seed })],
] as const)("%s draws a new probe each step, the same in every run", (_, make) => {
  const probes: string[] = [];
  const params = tf.zeros([32]);
  for (const seed of [0, 0, 1]) {
    const tx = make(seed) as GradientTransformation<unknown, HvpExtra>;
    let state = tx.init(params);
    for (let i = 0; i < 2; i++) {
      const spy = (vector: tf.Tensor) => {
        probes.push(vector.dataSync().join());
        return vector;
      };
      ({ state } = tx.update(params, state, params, { hvp: spy }));
    }
  }
  expect(probes.slice(2, 4)).toEqual(probes.slice(0, 2));
  expect(new Set(probes).size).toBe(4);
});

test("a missing Hessian product does not compile", () => {
  const params = tf.tensor1d([1, 2]);
  const product = (vector: tf.Tensor): tf.Tensor => tf.mul(vector, 2);
  for (const tx of [chain(scaleBySophia(), scale(-1)), chain(scaleByAdahessian(), scale(-1))]) {
    expectTypeOf<ExtraOf<typeof tx>>().toHaveProperty("hvp");
  }
  const first = sophia({ learningRate: 1 });
  // @ts-expect-error the extra argument `hvp` is missing
  expect(() => first.update(params, first.init(params), params)).toThrow();
  // @ts-expect-error the extra argument has another name
  expect(() => first.update(params, first.init(params), params, { gradFn: product })).toThrow();
  first.update(params, first.init(params), params, { hvp: product });
  const second = adaHessian({ learningRate: 1 });
  // @ts-expect-error the extra argument `hvp` is missing
  expect(() => second.update(params, second.init(params), params)).toThrow();
  second.update(params, second.init(params), params, { hvp: product });
});

test("errors name the option or what is missing", () => {
  expect(() => scaleBySophia({ updateInterval: 0 })).toThrow(
    "scaleBySophia: updateInterval: expected a positive whole number of steps, got 0",
  );
  expect(() => scaleBySophia({ b1: 1 })).toThrow("scaleBySophia: b1");
  expect(() => sophia({ learningRate: -1 })).toThrow("sophia: learningRate: expected");
  expect(() => scaleByAdahessian({ hessianPower: 2 })).toThrow("scaleByAdahessian: hessianPower");
  expect(() => scaleByAdahessian({ samples: 0 })).toThrow("scaleByAdahessian: samples");
  const params = tf.tensor1d([1]);
  const product = (vector: tf.Tensor): tf.Tensor => vector;
  for (const [name, tx] of [
    ["scaleBySophia", sophia({ learningRate: 1 })],
    ["scaleByAdahessian", adaHessian({ learningRate: 1 })],
  ] as const) {
    const any = tx as unknown as GradientTransformation<unknown, HvpExtra>;
    expect(() => any.update(params, any.init(params), undefined, { hvp: product })).toThrow(
      `${name}: expected the parameters as update's third argument, got undefined`,
    );
  }
});
