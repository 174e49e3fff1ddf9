import { compile, grad, scan, type TensorTree } from "@layerwise/autodiff";
import type { ExtraOf, GradientTransformation, LinesearchExtra, NoExtra } from "@layerwise/optim";
import {
  applyUpdates,
  chain,
  conjugateGradient,
  identity,
  lbfgs,
  scale,
  scaleByBacktrackingLinesearch,
  scaleByZoomLinesearch,
  sgd,
  valueAndGradFromState,
  withGrads,
} from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, expectTypeOf, test } from "vitest";
import golden from "./fixtures/line-search.json" with { type: "json" };
import { maxDifference } from "./setup.ts";
import { descend, distance, type Loss, type Searching } from "./support/descent.ts";
import { float64, float64Tensor, hostLeaves, numbers } from "./support/float64.ts";
import { testFunctions } from "./support/functions.ts";

const lossOf = (name: string): Loss => testFunctions.find((f) => f.name === name)?.loss as Loss;

const extraOf = (valueFn: Loss): { valueFn: Loss; gradFn: (x: tf.Tensor1D) => tf.Tensor1D } => ({
  valueFn,
  gradFn: grad(valueFn),
});

/** Either line search. */
type Search = GradientTransformation<
  {
    readonly learningRate: tf.Scalar;
    readonly value: tf.Scalar;
    readonly grad: TensorTree | null;
    readonly steps: tf.Scalar;
  },
  LinesearchExtra
>;

/** The step, loss, slope and number of evaluations of one search, in float64. */
function search64(
  search: Search,
  loss: Loss,
  x: readonly number[],
  direction: readonly number[],
): { step: number; value: number; evaluations: number } {
  const at = tf.tensor1d([...x]);
  const state = search.init(at);
  const run = float64(
    (d: tf.Tensor1D, before: never, params: tf.Tensor1D) => {
      const extra = { valueFn: loss, gradFn: grad(loss) };
      const { state: after } = search.update(d, before, params, extra);
      return [after.learningRate, after.value, after.steps];
    },
    at,
    state as never,
    at,
  );
  const inputs = [float64Tensor([2], direction), ...hostLeaves(state), float64Tensor([2], x)];
  const [step = 0, value = 0, evaluations = 0] = numbers(run(inputs));
  return { step, value, evaluations };
}

/** The loss and its slope along a line, in float64. */
function lineOf(loss: Loss, x: readonly number[], direction: readonly number[]) {
  const run = float64((at: tf.Tensor1D) => [loss(at), grad(loss)(at)], tf.tensor1d([...x]));
  return (step: number): { value: number; slope: number } => {
    const point = x.map((xi, i) => xi + step * (direction[i] ?? 0));
    const [value = 0, ...g] = numbers(run([float64Tensor([2], point)]));
    return { value, slope: g.reduce((sum, gi, i) => sum + gi * (direction[i] ?? 0), 0) };
  };
}

test("the zoom search takes the step of SciPy's line_search with as many evaluations", () => {
  let worst = 0;
  for (const { function: name, x, direction, curvRtol, ...want } of golden.searches) {
    const search = scaleByZoomLinesearch({ curvRtol });
    const got = search64(search, lossOf(name), x, direction);
    worst = Math.max(worst, Math.abs(got.step / want.step - 1));
    expect(got.evaluations).toBe(want.evaluations);
    expect(Math.abs(got.value / want.value - 1)).toBeLessThan(1e-5);
  }
  expect(worst).toBeLessThan(1e-5);
});

test("its steps satisfy the strong Wolfe conditions, however long the direction", () => {
  for (const { function: name, x, direction, curvRtol } of golden.searches.slice(0, 30)) {
    for (const size of [1e-3, 30]) {
      const d = direction.map((xi) => size * xi);
      const search = scaleByZoomLinesearch({ curvRtol, maxLinesearchSteps: 40 });
      const { step, value } = search64(search, lossOf(name), x, d);
      const line = lineOf(lossOf(name), x, d);
      const [start, end] = [line(0), line(step)];
      expect(Math.abs(end.value - value)).toBeLessThan(1e-9 * (1 + Math.abs(value)));
      expect(end.value).toBeLessThanOrEqual(start.value + 1e-4 * step * start.slope);
      expect(Math.abs(end.slope)).toBeLessThanOrEqual(curvRtol * Math.abs(start.slope));
    }
  }
});

describe("backtracking", () => {
  test.each(golden.backtracking)(
    "is optax's in float64: $optimizer $config on $function",
    ({ optimizer, config, function: name, start, trajectory, steps }) => {
      const given: Readonly<Record<string, unknown>> = config;
      const number = (key: string): number | undefined =>
        given[key] === undefined ? undefined : Number(given[key]);
      const linesearch = scaleByBacktrackingLinesearch({
        maxBacktrackingSteps: 60,
        decreaseFactor: number("decrease_factor"),
        increaseFactor: number("increase_factor"),
        maxLearningRate: number("max_learning_rate"),
        slopeRtol: number("slope_rtol"),
      });
      const searching: Searching =
        optimizer === "lbfgs"
          ? lbfgs({ linesearch, negativeCurvature: "keep" })
          : withGrads(chain(scale(-1), linesearch));
      let evaluations = 1;
      const points = descend(searching, lossOf(name), start);
      for (const [i, want] of trajectory.entries()) {
        const point = points.next().value;
        expect(distance(point.x, want)).toBeLessThan(1e-9);
        evaluations += steps[i] ?? 0;
        expect(point.evaluations).toBe(evaluations);
      }
    },
  );

  test("with goldstein, steps are neither too long nor too short", () => {
    for (const { function: name, x, direction } of golden.searches) {
      const search = scaleByBacktrackingLinesearch({
        goldstein: true,
        slopeRtol: 0.2,
        increaseFactor: 2,
        maxLearningRate: 1e6,
        maxBacktrackingSteps: 60,
      });
      const { step, value } = search64(search, lossOf(name), x, direction);
      const { value: start, slope } = lineOf(lossOf(name), x, direction)(0);
      expect(value).toBeLessThanOrEqual(start + 0.2 * step * slope);
      expect(value).toBeGreaterThanOrEqual(start + 0.8 * step * slope);
    }
  });

  test("with goldstein, a step that is too short is still better than none", () => {
    const search = scaleByBacktrackingLinesearch({ goldstein: true, maxLearningRate: 2 });
    const far: Loss = (x) => tf.sum(tf.neg(x));
    expect(search64(search, far, [0, 0], [1, 1]).step).toBe(2);
  });

  test("the next search starts from the last step, grown", () => {
    const optimizer = chain(scale(-1), scaleByBacktrackingLinesearch({ decreaseFactor: 0.5 }));
    const x = tf.tensor1d([1, 1]);
    const steep = extraOf((p) => tf.mul(100, tf.sum(tf.square(p))));
    const gentle = extraOf((p) => tf.sum(tf.square(p)));
    const first = optimizer.update(steep.gradFn(x), optimizer.init(x), x, steep);
    expect(first.state[1].learningRate.dataSync()[0]).toBe(2 ** -7);
    const second = optimizer.update(gentle.gradFn(x), first.state, x, gentle);
    expect(second.state[1].learningRate.dataSync()[0]).toBe(1.5 * 2 ** -7);
    expect(second.state[1].steps.dataSync()[0]).toBe(1);
  });

  test("keeps no gradient without storeGrad", () => {
    const optimizer = withGrads(
      chain(scale(-1), scaleByBacktrackingLinesearch({ storeGrad: false })),
    );
    const x = tf.tensor1d([1, 1]);
    const valueFn: Loss = (p) => tf.sum(tf.square(p));
    const gradFn = (): never => {
      throw new Error("unexpected evaluation");
    };
    const step = optimizer.update(tf.tensor1d([2, 2]), optimizer.init(x), x, { valueFn, gradFn });
    expect(step.state[1].grad).toBeNull();
    expect(() => valueAndGradFromState({ valueFn, gradFn })(x, step.state)).toThrow(
      "valueAndGradFromState: expected a line search with storeGrad, got none",
    );
  });
});

const searches: readonly (readonly [string, Search])[] = [
  ["zoom", scaleByZoomLinesearch()],
  ["backtracking", scaleByBacktrackingLinesearch()],
];

describe.each(searches)("%s", (_, search) => {
  test("a direction that does not go down, or is not finite, gives no update", () => {
    const x = tf.tensor1d([1, 1]);
    const extra = extraOf((p) => tf.sum(tf.square(p)));
    for (const direction of [
      [1, 1],
      [1, -1],
      [0, 0],
      [Number.NaN, 1],
    ]) {
      const step = search.update(tf.tensor1d(direction), search.init(x), x, extra);
      expect([...step.updates.dataSync()]).toEqual([0, 0]);
      expect(step.state.steps.dataSync()[0]).toBe(0);
      expect(step.state.value.dataSync()[0]).toBe(2);
      expect([...(step.state.grad as tf.Tensor).dataSync()]).toEqual([2, 2]);
    }
  });

  test("steps out of the domain of the loss are taken back", () => {
    const x = tf.tensor1d([0.5]);
    const extra = extraOf((p) => tf.sum(tf.sub(tf.neg(tf.log(tf.sub(1, p))), tf.mul(4, p))));
    const step = search.update(tf.tensor1d([3]), search.init(x), x, extra);
    const [end = 1] = applyUpdates(x, step.updates).dataSync();
    expect(end).toBeGreaterThan(0.5);
    expect(end).toBeLessThan(1);
    expect(step.state.value.dataSync()[0]).toBeLessThan(extra.valueFn(x).dataSync()[0] ?? 0);
  });

  test("a loss that never falls is given up", () => {
    const x = tf.tensor1d([1]);
    const extra = {
      valueFn: (p: tf.Tensor) => tf.sum(p),
      gradFn: (p: tf.Tensor) => tf.neg(tf.onesLike(p)),
    };
    const step = search.update(tf.tensor1d([1]), search.init(x), x, extra);
    // A rise by a millionth counts as none.
    expect(step.updates.dataSync()[0]).toBeCloseTo(0, 5);
    expect(step.state.steps.dataSync()[0]).toBe(20);
  });

  test("given value and gradient are used in place of evaluations", () => {
    const x = tf.tensor1d([1, 1]);
    const extra = extraOf((p) => tf.sum(tf.square(p)));
    const direction = tf.tensor1d([-2, -2]);
    const grads = tf.tensor1d([2, 2]);
    const known = { ...extra, value: tf.scalar(2), grad: grads };
    const [a, b] = [extra, known].map((e) => search.update(direction, search.init(x), x, e));
    expect(b?.updates.dataSync()).toEqual(a?.updates.dataSync());
    // Along a gradient of the other sign there is nothing to gain.
    const wrong = { ...known, grad: tf.neg(grads) };
    const none = search.update(direction, search.init(x), x, wrong);
    expect(none.state.steps.dataSync()[0]).toBe(0);
  });

  test("the state knows loss and gradient after the update, to the last bit", () => {
    const loss = lossOf("Beale");
    const extra = extraOf(loss);
    const optimizer = lbfgs({ linesearch: search });
    const valueAndGrad = valueAndGradFromState(extra);
    let x = tf.tensor1d([1, 1]);
    let state = optimizer.init(x);
    for (let i = 0; i < 5; i++) {
      const { value, grad: g } = valueAndGrad(x, state);
      expect(value.dataSync()).toEqual(loss(x).dataSync());
      expect(g.dataSync()).toEqual(extra.gradFn(x).dataSync());
      const step = optimizer.update(g, state, x, { ...extra, value });
      x = applyUpdates(x, step.updates);
      state = step.state;
    }
  });
});

test("valueAndGradFromState evaluates before the first search only", () => {
  const x = tf.tensor1d([3]);
  const extra = extraOf((p) => tf.sum(tf.square(p)));
  const other = valueAndGradFromState(extraOf((p) => tf.sum(tf.mul(7, p))));
  const optimizer = conjugateGradient();
  const state = optimizer.init(x);
  const before = tf.memory().numTensors;
  const first = other(x, state);
  expect(tf.memory().numTensors).toBe(before + 2);
  expect([first.value, first.grad].map((t) => t.dataSync()[0])).toEqual([21, 7]);
  const step = optimizer.update(extra.gradFn(x), state, x, extra);
  const second = other(x, step.state);
  expect(second.value.dataSync()[0]).toBeCloseTo(0, 9);
  expect(() => other(x, identity().init(x))).toThrow(
    "valueAndGradFromState: expected the state of one line search, got 0",
  );
  expect(() => other(x, [state, state])).toThrow("got 2");
});

test("a whole minimization is one compiled function: searches within a scan", () => {
  const loss = lossOf("Rosenbrock");
  const extra = extraOf(loss);
  const optimizer = lbfgs();
  const valueAndGrad = valueAndGradFromState(extra);
  const minimize = compile((start: tf.Tensor1D) => {
    const { carry, ys } = scan(
      ([x, state]: readonly [tf.Tensor1D, ReturnType<typeof optimizer.init>]) => {
        const { value, grad: g } = valueAndGrad(x, state);
        const step = optimizer.update(g, state, x, { ...extra, value });
        return { carry: [applyUpdates(x, step.updates), step.state] as const, y: value };
      },
      [start, optimizer.init(start)] as const,
      null,
      { length: 40 },
    );
    return { x: carry[0], losses: ys };
  });
  const { x, losses } = minimize(tf.tensor1d([-1.2, 1]));
  expect(maxDifference({ x }, { x: [1, 1] })).toBeLessThan(1e-5);
  const values = [...losses.dataSync()];
  expect(values).toEqual(values.toSorted((a, b) => b - a));
  minimize.dispose();
});

test("slopes decide where a loss has no digits left", () => {
  // At x = 1e-3 the loss differs from 1000 by a hundredth of float32's resolution there.
  const extra = extraOf((x) => tf.add(1000, tf.sum(tf.square(x))));
  const search = scaleByZoomLinesearch({ curvRtol: 0.1 });
  const x = tf.tensor1d([1e-3]);
  const step = search.update(tf.tensor1d([-1.5e-3]), search.init(x), x, extra);
  const [end = 1] = applyUpdates(x, step.updates).dataSync();
  expect(Math.abs(end)).toBeLessThan(1.1e-4);
  expect(step.state.steps.dataSync()[0]).toBeLessThan(20);
});

test("the first guess is 1, the last step, or of the same promise as the last", () => {
  const extra = extraOf((x) => tf.sum(tf.square(x)));
  const x = tf.tensor1d([3, 4]);
  const seen = (["one", "keep", "slope"] as const).map((initialGuess) => {
    const search = scaleByZoomLinesearch({ initialGuess });
    // The exact steps are 1/5 and 1/2.
    const first = search.update(tf.mul(x, -5), search.init(x), x, extra);
    const second = search.update(tf.mul(x, -2), first.state, x, extra);
    return [first, second].map(({ state }) => [
      Number(state.learningRate.dataSync()[0]?.toFixed(4)),
      state.steps.dataSync()[0],
    ]);
  });
  const [one, keep, slope] = seen;
  expect(one).toEqual([
    [0.2, 2],
    [0.5, 2],
  ]);
  expect(keep).toEqual([
    [0.2, 2],
    [0.2, 1],
  ]);
  // 1/‖d‖, then 2.5 times that.
  expect(slope).toEqual([
    [0.04, 1],
    [0.1, 1],
  ]);
});

test("withGrads saves the evaluation of the gradient that the direction was made from", () => {
  const x = tf.tensor1d([3, 4]);
  const { valueFn, gradFn } = extraOf((p) => tf.sum(tf.square(p)));
  const search = chain(scale(-1), scaleByZoomLinesearch());
  const [without, with_] = [search, withGrads(search)].map((optimizer) => {
    let calls = 0;
    const counted = (p: tf.Tensor1D): tf.Tensor1D => {
      calls++;
      return gradFn(p);
    };
    const extra = { valueFn, gradFn: counted };
    const { updates } = optimizer.update(gradFn(x), optimizer.init(x), x, extra);
    return { calls, updates: [...updates.dataSync()] };
  });
  // The loop's body is traced once, however often it runs.
  expect(without).toEqual({ calls: 2, updates: [-3, -4] });
  expect(with_).toEqual({ calls: 1, updates: [-3, -4] });
});

test("numeric options may be tensors", () => {
  const extra = extraOf(lossOf("Himmelblau"));
  const x = tf.tensor1d([-1, -1]);
  const direction = tf.mul(-1, extra.gradFn(x));
  const pairs: readonly (readonly [Search, Search])[] = [
    [
      scaleByZoomLinesearch({ slopeRtol: 0.25, curvRtol: 0.5, maxLearningRate: 4 }),
      scaleByZoomLinesearch({
        slopeRtol: tf.scalar(0.25),
        curvRtol: tf.scalar(0.5),
        maxLearningRate: tf.scalar(4),
      }),
    ],
    [
      scaleByBacktrackingLinesearch({ decreaseFactor: 0.5, increaseFactor: 2, atol: 0.5 }),
      scaleByBacktrackingLinesearch({
        decreaseFactor: tf.scalar(0.5),
        increaseFactor: tf.scalar(2),
        atol: tf.scalar(0.5),
      }),
    ],
  ];
  for (const pair of pairs) {
    const [want, got] = pair.map((search) => [
      ...search.update(direction, search.init(x), x, extra).updates.dataSync(),
    ]);
    expect(got).toEqual(want);
  }
});

test("maxLearningRate bounds the step", () => {
  const down: Loss = (x) => tf.neg(tf.sum(x));
  const search = scaleByZoomLinesearch({ maxLearningRate: 5 });
  expect(search64(search, down, [0, 0], [1, 1])).toEqual({ step: 5, value: -10, evaluations: 4 });
  const tight = scaleByZoomLinesearch({ maxLearningRate: 0.25 });
  expect(search64(tight, down, [0, 0], [1, 1]).step).toBe(0.25);
});

test("what a line search needs is in its type", () => {
  const optimizer = lbfgs();
  const x = tf.tensor1d([1]);
  const state = optimizer.init(x);
  const { valueFn, gradFn } = extraOf((p) => tf.sum(p));
  // @ts-expect-error: valueFn and gradFn are missing.
  expect(() => optimizer.update(x, state, x)).toThrow(
    "scaleByZoomLinesearch: expected valueFn, a function, in update's fourth argument, got undefined",
  );
  // @ts-expect-error: gradFn is missing.
  expect(() => optimizer.update(x, state, x, { valueFn })).toThrow(
    "expected gradFn, a function, in",
  );
  optimizer.update(x, state, x, { valueFn, gradFn });
  const plain = lbfgs({ linesearch: null });
  plain.update(x, plain.init(x), x);
  expectTypeOf<ExtraOf<typeof plain>>().toEqualTypeOf<NoExtra>();
  expectTypeOf<ExtraOf<typeof optimizer>>().toEqualTypeOf<Omit<LinesearchExtra, "grad">>();
  const searching = chain(sgd({ learningRate: 1 }), scaleByBacktrackingLinesearch());
  // @ts-expect-error: the chain needs what its search needs.
  expect(() => searching.update(x, searching.init(x), x)).toThrow(
    "scaleByBacktrackingLinesearch: expected valueFn, a function",
  );
});

test("wrong options are errors", () => {
  expect(() => scaleByZoomLinesearch({ maxLinesearchSteps: 0 })).toThrow(
    "scaleByZoomLinesearch: maxLinesearchSteps: expected a positive whole number of steps, got 0",
  );
  expect(() => scaleByZoomLinesearch({ curvRtol: 1 })).toThrow(
    "scaleByZoomLinesearch: curvRtol: expected a number in [0, 1), got 1",
  );
  expect(() => scaleByZoomLinesearch({ initialGuess: "two" as "one" })).toThrow(
    'scaleByZoomLinesearch: initialGuess: expected one of "one", "keep", "slope", got two',
  );
  expect(() => scaleByBacktrackingLinesearch({ decreaseFactor: 1 })).toThrow(
    "scaleByBacktrackingLinesearch: decreaseFactor: expected a number in",
  );
  expect(() => scaleByBacktrackingLinesearch({ slopeRtol: 0.5, goldstein: true })).toThrow(
    "scaleByBacktrackingLinesearch: slopeRtol: expected a number in [0, 0.5), got 0.5",
  );
  expect(() => scaleByBacktrackingLinesearch({ increaseFactor: 0.5 })).toThrow("increaseFactor");
  const x = tf.tensor1d([1]);
  for (const [, search] of searches) {
    const extra = extraOf((p) => tf.sum(p));
    expect(() => search.update(x, search.init(x), undefined, extra)).toThrow(
      "expected the parameters as update's third argument, got undefined",
    );
  }
});
