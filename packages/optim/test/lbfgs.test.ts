import { compile, constant } from "@layerwise/autodiff";
import {
  conjugateGradient,
  constantSchedule,
  type GradientTransformation,
  lbfgs,
  scaleByConjugateGradient,
  scaleByLbfgs,
  scaleByZoomLinesearch,
} from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import golden from "./fixtures/line-search.json" with { type: "json" };
import given from "./fixtures/optimizers.json" with { type: "json" };
import { maxDifference } from "./setup.ts";
import {
  arrival,
  descend,
  distance,
  type Loss,
  type Searching,
  stepOf,
} from "./support/descent.ts";
import { float64, float64Tensor, hostLeaves, numbers } from "./support/float64.ts";
import { type TestFunction, testFunctions } from "./support/functions.ts";

const functionOf = (name: string): TestFunction =>
  testFunctions.find((f) => f.name === name) as TestFunction;

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, i) => sum + x * (b[i] ?? Number.NaN), 0);
/** a + by · b. */
const plus = (a: readonly number[], b: readonly number[], by = 1): number[] =>
  a.map((x, i) => x + by * (b[i] ?? Number.NaN));

// The given gradients as vectors of four numbers.
const gradients: readonly (readonly number[])[] = given.grads.map(({ b }) => b);

/** The updates of a transformation for the given gradients, θ ← θ − 0.1 u, in float64. */
function directions(transformation: GradientTransformation): number[][] {
  const x = tf.zeros([4]);
  const step = float64(
    (grads: tf.Tensor, state: unknown, params: tf.Tensor) => {
      const { updates, state: next } = transformation.update(grads, state, params);
      return [updates, next];
    },
    x,
    transformation.init(x),
    x,
  );
  let at = [0.5, -1, 2, 0.25];
  let state = hostLeaves(transformation.init(x));
  return gradients.map((g) => {
    const [u, ...next] = step([float64Tensor([4], g), ...state, float64Tensor([4], at)]);
    state = next;
    const update = numbers(u === undefined ? [] : [u]);
    at = plus(at, update, -0.1);
    return update;
  });
}

interface Pair {
  readonly s: readonly number[];
  readonly y: readonly number[];
}

/** Nocedal and Wright's algorithm 7.4. */
function twoLoops(pairs: readonly Pair[], scale: number, g: readonly number[]): number[] {
  let q = [...g];
  const alphas = pairs.toReversed().map(({ s, y }) => {
    const alpha = dot(s, q) / dot(s, y);
    q = plus(q, y, -alpha);
    return alpha;
  });
  let r = q.map((x) => scale * x);
  pairs.forEach(({ s, y }, i) => {
    const alpha = alphas.at(-1 - i) ?? Number.NaN;
    r = plus(r, s, alpha - dot(y, r) / dot(s, y));
  });
  return r;
}

/** The same from the matrix: H ← (I − ρ s yᵀ) H (I − ρ y sᵀ) + ρ s sᵀ (their equation 6.17). */
function byMatrix(pairs: readonly Pair[], scale: number, g: readonly number[]): number[] {
  let h = g.map((_, i) => g.map((_, j) => (i === j ? scale : 0)));
  for (const { s, y } of pairs) {
    const rho = 1 / dot(s, y);
    const hy = h.map((row) => dot(row, y));
    const yhy = dot(y, hy);
    const at = (v: readonly number[], i: number): number => v[i] ?? Number.NaN;
    h = h.map((row, i) =>
      row.map(
        (x, j) =>
          x -
          rho * (at(s, i) * at(hy, j) + at(hy, i) * at(s, j)) +
          rho * (rho * yhy + 1) * at(s, i) * at(s, j),
      ),
    );
  }
  return h.map((row) => dot(row, g));
}

describe("scaleByLbfgs", () => {
  test.each([
    ["the two-loop recursion", twoLoops],
    ["the update of the matrix", byMatrix],
  ] as const)("is %s, written out in float64", (_, product) => {
    const got = directions(scaleByLbfgs({ memorySize: 3 }));
    let pairs: Pair[] = [];
    let at = [0.5, -1, 2, 0.25];
    let before: { readonly x: number[]; readonly g: readonly number[] } | undefined;
    gradients.forEach((g, i) => {
      if (before !== undefined) {
        const pair = { s: plus(at, before.x, -1), y: plus(g, before.g, -1) };
        if (dot(pair.s, pair.s) === 0) pairs = [];
        if (dot(pair.s, pair.y) > 1e-30) pairs = [...pairs, pair].slice(-3);
      }
      const last = pairs.at(-1);
      const scale = last
        ? dot(last.s, last.y) / dot(last.y, last.y)
        : Math.min(1, 1 / Math.hypot(...g));
      const want = product(pairs, scale, g);
      const size = Math.max(1, Math.hypot(...want));
      expect(distance(got[i] ?? [], want) / size, `step ${i + 1}`).toBeLessThan(1e-12);
      before = { x: at, g };
      at = plus(at, want, -0.1);
    });
  });

  test("is the first gradient, at most one long, and plain without scaleInitPrecond", () => {
    const x = tf.tensor1d([0, 0]);
    const first = (options: object, g: number[]): tf.Tensor => {
      const transformation = scaleByLbfgs(options);
      return transformation.update(tf.tensor1d(g), transformation.init(x), x).updates;
    };
    expect(maxDifference({ u: first({}, [3, 4]) }, { u: [0.6, 0.8] })).toBeLessThan(1e-7);
    expect(maxDifference({ u: first({}, [0.3, 0.4]) }, { u: [0.3, 0.4] })).toBeLessThan(1e-7);
    const plain = first({ scaleInitPrecond: false }, [3, 4]);
    expect(maxDifference({ u: plain }, { u: [3, 4] })).toBe(0);
  });

  test("leaves a step of negative curvature out, and forgets all after one that did not move", () => {
    const transformation = scaleByLbfgs({ memorySize: 2 });
    const run = (points: readonly (readonly [number, number])[]): number[][] => {
      let state = transformation.init(tf.tensor1d([0]));
      return points.map(([x, g]) => {
        const step = transformation.update(tf.tensor1d([g]), state, tf.tensor1d([x]));
        state = step.state;
        return [...state.weights.dataSync(), ...step.updates.dataSync()];
      });
    };
    // s y = 2 · 1, then 1 · −4, then none, then 1 · 2; the curvature is y/s, here always 1/2 or 2.
    const seen = run([
      [0, 1],
      [2, 2],
      [3, -2],
      [3, -2],
      [4, 0.5],
    ]);
    expect(seen).toEqual([
      [0, 0, 1],
      [0, 0.5, 4],
      [0, 0.5, -4],
      [0, 0, -1],
      [0, Math.fround(0.4), expect.closeTo(0.2, 6)],
    ]);
  });

  test("stays finite where products of differences vanish in float32", () => {
    const transformation = scaleByLbfgs();
    let state = transformation.init(tf.tensor1d([0]));
    for (const [x, g] of [
      [0, 1e-20],
      [1e-20, 3e-20],
      [2e-20, 3e-20],
    ] as const) {
      const step = transformation.update(tf.tensor1d([g]), state, tf.tensor1d([x]));
      state = step.state;
      expect(Number.isFinite(step.updates.dataSync()[0])).toBe(true);
    }
  });

  test("wrong options and missing parameters are errors", () => {
    expect(() => scaleByLbfgs({ memorySize: 0 })).toThrow(
      "scaleByLbfgs: memorySize: expected a positive whole number of steps, got 0",
    );
    expect(() => scaleByLbfgs({ negativeCurvature: "drop" as "skip" })).toThrow(
      'scaleByLbfgs: negativeCurvature: expected one of "skip", "keep", got drop',
    );
    const transformation = scaleByLbfgs();
    const g = tf.tensor1d([1]);
    expect(() => transformation.update(g, transformation.init(g))).toThrow(
      "scaleByLbfgs: expected the parameters as update's third argument, got undefined",
    );
    expect(() => lbfgs({ learningRate: -1 })).toThrow("lbfgs: learningRate: expected");
  });
});

describe.each(golden.minimizations)(
  "from $start on $function",
  ({ function: name, start, ...scipy }) => {
    const { loss, minima } = functionOf(name);

    test("L-BFGS needs as many evaluations as SciPy's L-BFGS-B, or twice as many, to 1e-8", () => {
      const { evaluations } = arrival(descend(lbfgs(), loss, start), minima, 1e-8);
      expect(evaluations).toBeLessThanOrEqual(2 * scipy.lbfgsb.nfev + 3);
    });

    test("conjugate gradient as many as SciPy's", () => {
      const { evaluations } = arrival(descend(conjugateGradient(), loss, start), minima, 1e-8);
      expect(evaluations).toBeLessThanOrEqual(2 * scipy.cg.nfev + 10);
    });

    test.each([
      ["L-BFGS", lbfgs(), 1e-6, 2 * scipy.lbfgsb.nfev],
      ["conjugate gradient", conjugateGradient(), 1e-4, 2 * scipy.cg.nfev + 10],
    ] as const)("%s arrives in float32 too, compiled", (_, optimizer, within, limit) => {
      const points = (function* () {
        const x = tf.tensor1d(start);
        const step = compile(stepOf(optimizer, loss));
        let [at, state]: readonly [tf.Tensor1D, unknown, ...unknown[]] = [x, optimizer.init(x)];
        let evaluations = 1;
        for (let steps = 1; ; steps++) {
          const next = step(at, state);
          [at, state] = next;
          evaluations += next[2].dataSync()[0] ?? Number.NaN;
          yield { x: [...at.dataSync()], evaluations, steps };
        }
      })();
      const { evaluations } = arrival(points, minima, within);
      expect(evaluations).toBeLessThanOrEqual(limit);
    });
  },
);

describe("on a quadratic of n dimensions", () => {
  const n = 12;
  const scales = Array.from({ length: n }, (_, i) => 10 ** ((2 * i) / (n - 1)));
  // A Householder reflection mixes the axes.
  const mirror = Array.from({ length: n }, (_, i) => Math.sin(1 + i));
  const reflect = (x: readonly number[]): number[] =>
    plus(x, mirror, (-2 * dot(mirror, x)) / dot(mirror, mirror));
  const matrix = Array.from({ length: n }, (_, i) =>
    reflect(
      reflect(Array.from({ length: n }, (_, j) => +(i === j))).map((x, j) => x * (scales[j] ?? 0)),
    ),
  );
  const loss: Loss = (x) => tf.mul(0.5, tf.sum(tf.mul(x, tf.dot(tf.tensor2d(matrix), x))));
  const start = Array.from({ length: n }, (_, i) => Math.cos(i));
  const exact = scaleByZoomLinesearch({ curvRtol: 1e-4, maxLinesearchSteps: 40 });

  test.each<[string, Searching, number]>([
    ["L-BFGS with a nearly exact search", lbfgs({ memorySize: n, linesearch: exact }), n + 3],
    // SciPy's L-BFGS-B 1.17.1 takes 52.
    ["L-BFGS", lbfgs(), 52 + 5],
    ["conjugate gradient", conjugateGradient({ linesearch: exact }), n + 3],
  ])("%s ends after a known number of steps", (_, optimizer, limit) => {
    const { steps } = arrival(descend(optimizer, loss, start), [Array(n).fill(0)], 1e-8);
    expect(steps).toBeLessThanOrEqual(limit);
  });
});

test.each<[string, Searching]>([
  ["L-BFGS", lbfgs()],
  ["conjugate gradient", conjugateGradient()],
])("%s turns with the coordinates", (_, optimizer) => {
  const { loss, start } = functionOf("Beale");
  const [c, s] = [0.6, 0.8];
  const turn = ([x = 0, y = 0]: readonly number[]): number[] => [c * x - s * y, s * x + c * y];
  const turned: Loss = (point) => {
    const [x, y] = tf.unstack(point) as [tf.Tensor, tf.Tensor];
    const by = (a: number, b: number): tf.Tensor =>
      tf.add(tf.mul(constant(a), x), tf.mul(constant(b), y));
    return loss(tf.stack([by(c, s), by(-s, c)]) as tf.Tensor1D);
  };
  const plain = descend(optimizer, loss, start);
  const rotated = descend(optimizer, turned, turn(start));
  for (let i = 0; i < 8; i++) {
    expect(distance(rotated.next().value.x, turn(plain.next().value.x))).toBeLessThan(1e-9);
  }
});

test("the learning rate scales the direction, as a number or a schedule", () => {
  const x = tf.tensor1d([3, 4]);
  const updates = [0.25, constantSchedule(0.25)].map((learningRate) => {
    const optimizer = lbfgs({ learningRate, linesearch: null });
    return optimizer.update(x, optimizer.init(x), x).updates;
  });
  for (const u of updates) {
    expect(maxDifference({ u }, { u: [-0.15, -0.2] })).toBeLessThan(1e-7);
  }
});

test("scaleByConjugateGradient is Polak–Ribière+ with restarts, written out in float64", () => {
  const got = directions(scaleByConjugateGradient());
  let last: { readonly g: readonly number[]; readonly u: readonly number[] } | undefined;
  let restarts = 0;
  gradients.forEach((g, i) => {
    const norm = last === undefined ? 0 : dot(last.g, last.g);
    let u: readonly number[] = g;
    if (last !== undefined && norm > 0) {
      const beta = dot(g, plus(g, last.g, -1)) / norm;
      const conjugate = plus(g, last.u, Math.max(0, beta));
      const descends = dot(conjugate, g) >= 0.01 * dot(g, g);
      if (beta < 0 || !descends) restarts++;
      if (descends) u = conjugate;
    }
    expect(distance(got[i] ?? [], u) / Math.max(1, Math.hypot(...u))).toBeLessThan(1e-12);
    last = { g, u };
  });
  expect(restarts).toBeGreaterThan(3);
  expect(restarts).toBeLessThan(gradients.length / 2);
});
