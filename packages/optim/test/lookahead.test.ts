import { constant, type TensorTree } from "@layerwise/autodiff";
import type { AnyTransformation, ExtraOf, OptimizerState } from "@layerwise/optim";
import {
  adam,
  alternatingSam,
  applyUpdates,
  lookahead,
  lookaheadSlowParams,
  polyakSgd,
  type ScaleByAdamState,
  sam,
  scheduleFreeSgd,
  sgd,
} from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, expectTypeOf, test } from "vitest";
import golden from "./fixtures/optimizers.json" with { type: "json" };
import "./setup.ts";
import { distance, trajectory } from "./support/trajectory.ts";

const gradients = golden.grads.map(({ w, b }) => [...w.flat(), ...b]);
const start = [...golden.params.w.flat(), ...golden.params.b];

describe("lookahead", () => {
  test("is the paper's two loops: fast and slow parameters (oracle: the loops)", () => {
    const [k, alpha, rate] = [4, 0.3, 0.1];
    const fastWanted: number[][] = [];
    const slowWanted: number[][] = [];
    let slow = start;
    for (let outer = 0; outer * k < 48; outer++) {
      let fast = slow;
      for (let i = 0; i < k; i++) {
        const g = gradients[outer * k + i] ?? [];
        fast = fast.map((x, j) => x - rate * (g[j] ?? Number.NaN));
        if (i < k - 1) {
          fastWanted.push(fast);
          slowWanted.push(slow);
        }
      }
      slow = slow.map((x, j) => x + alpha * ((fast[j] ?? Number.NaN) - x));
      fastWanted.push(slow);
      slowWanted.push(slow);
    }
    const make = () =>
      lookahead(sgd({ learningRate: rate }), { syncPeriod: k, slowStepSize: alpha });
    const fast = trajectory(make()).slice(0, 48);
    const slowSeen = trajectory(make(), {}, (_, state) => lookaheadSlowParams(state) as tf.Tensor);
    expect(distance(fast, fastWanted)).toBeLessThan(1e-12);
    expect(distance(slowSeen.slice(0, 48), slowWanted)).toBeLessThan(1e-12);
  });

  test("with a slow step of 1 is the fast optimizer, with 0 goes back to the start", () => {
    const fast = trajectory(adam({ learningRate: 0.1 }));
    const all = lookahead(adam({ learningRate: 0.1 }), { slowStepSize: 1 });
    expect(distance(trajectory(all), fast)).toBeLessThan(1e-12);
    const none = lookahead(adam({ learningRate: 0.1 }), { slowStepSize: 0, syncPeriod: 5 });
    expect(distance(trajectory(none).slice(49, 50), [start])).toBeLessThan(1e-12);
  });

  test("starts the inner state anew from the parameters it goes back to", () => {
    const tx = lookahead(scheduleFreeSgd({ learningRate: 0.5 }), {
      syncPeriod: 2,
      resetState: true,
    });
    let params = tf.tensor1d([1, -2]);
    let state = tx.init(params);
    for (let i = 0; i < 2; i++) {
      const step = tx.update(params, state, params);
      params = applyUpdates(params, step.updates);
      state = step.state;
    }
    expect((state.inner.z as tf.Tensor).dataSync()).toEqual(params.dataSync());
    expect(state.inner.count.dataSync()[0]).toBe(0);
    expect(state.stepsSinceSync.dataSync()[0]).toBe(0);
  });

  test("keeps the types of the inner state and of its extra arguments", () => {
    const params = tf.tensor1d([1, 2]);
    const tx = lookahead(adam({ learningRate: 0.1 }));
    expectTypeOf<OptimizerState<typeof tx>["inner"][0]>().toEqualTypeOf<ScaleByAdamState>();
    const needy = lookahead(polyakSgd());
    expectTypeOf<ExtraOf<typeof needy>["value"]>().toEqualTypeOf<tf.Tensor>();
    // @ts-expect-error the extra argument `value` is missing
    expect(() => needy.update(params, needy.init(params), params)).toThrow();
    needy.update(params, needy.init(params), params, { value: tf.scalar(1) });
  });

  test("names a bad option", () => {
    const inner = sgd({ learningRate: 1 });
    expect(() => lookahead(inner, { syncPeriod: 0 })).toThrow(
      "lookahead: syncPeriod: expected a positive whole number of steps, got 0",
    );
    expect(() => lookahead(inner, { slowStepSize: 1.5 })).toThrow("lookahead: slowStepSize");
    const tx = lookahead(inner);
    const params = tf.tensor1d([1]);
    expect(() => tx.update(params, tx.init(params))).toThrow(
      "lookahead: expected the parameters as update's third argument, got undefined",
    );
  });
});

describe("sharpness-aware minimization", () => {
  /** The gradient of Σ cᵢ (θᵢ³ / 3 + θᵢ θᵢ₊₁), with cᵢ = 0.1 (i + 1). */
  const slope = (theta: readonly number[]): number[] =>
    theta.map((x, i) => {
      const next = theta[i + 1] ?? 0;
      const previous = i === 0 ? 0 : 0.1 * i * (theta[i - 1] ?? 0);
      return 0.1 * (i + 1) * (x * x + next) + previous;
    });
  const slopeOf = (theta: tf.Tensor): tf.Tensor => {
    const n = theta.size;
    const c = tf.stack(Array.from({ length: n }, (_, i) => constant(0.1 * (i + 1))));
    const next = tf.concat([tf.slice(theta, 1), tf.zeros([1])]);
    const weighted = tf.mul(c, theta);
    const previous = tf.concat([tf.zeros([1]), tf.slice(weighted, 0, n - 1)]);
    return tf.add(tf.mul(c, tf.add(tf.square(theta), next)), previous);
  };

  /** The optimizer with that gradient, given as well as at other points. */
  const onSlope = (tx: ReturnType<typeof sam>): AnyTransformation =>
    ({
      init: (params: TensorTree) => tx.init(params),
      update: (_: TensorTree, state: unknown, params: tf.Tensor) => {
        const gradFn = slopeOf as unknown as (params: TensorTree) => TensorTree;
        return tx.update(slopeOf(params), state as never, params, { gradFn } as never);
      },
    }) as unknown as AnyTransformation;

  test.each([
    ["SAM", { rho: 0.3 }, () => 1],
    ["ASAM", { rho: 0.5, adaptive: true }, (x: number) => Math.abs(x) + 0.01],
    ["ASAM with eta 0", { rho: 0.5, adaptive: true, eta: 0 }, Math.abs],
  ] as const)("%s is the papers' formula (oracle: the formula in float64)", (_, options, size) => {
    let theta = start;
    const wanted = gradients.map(() => {
      const g = slope(theta);
      const t = theta.map(size);
      const norm = Math.hypot(...g.map((x, i) => x * (t[i] ?? 0)));
      const by = options.rho / (norm + 1e-12);
      const sharp = slope(theta.map((x, i) => x + by * (t[i] ?? 0) ** 2 * (g[i] ?? 0)));
      theta = theta.map((x, i) => x - 0.01 * (sharp[i] ?? 0));
      return theta;
    });
    const tx = sam(sgd({ learningRate: 0.01 }), options);
    expect(distance(trajectory(onSlope(tx as never)), wanted)).toBeLessThan(1e-12);
  });

  test("with rho 0 it is the optimizer itself", () => {
    const plain = sam(adam({ learningRate: 0.01 }), { rho: 0 });
    const wide = sam(adam({ learningRate: 0.01 }), { rho: 0.1 });
    const own = trajectory(onSlope(plain as never));
    const bare = {
      init: (params: TensorTree) => adam({ learningRate: 0.01 }).init(params),
      update: (_: TensorTree, state: never, params: tf.Tensor) =>
        adam({ learningRate: 0.01 }).update(slopeOf(params), state),
    } as unknown as AnyTransformation;
    expect(distance(own, trajectory(bare))).toBeLessThan(1e-12);
    expect(distance(trajectory(onSlope(wide as never)), own)).toBeGreaterThan(1e-3);
  });

  test.each([{ rho: 0.3 }, { rho: 0.5, adaptive: true }])(
    "two calls without a gradient function are one with it: %o",
    (options) => {
      const wanted = trajectory(onSlope(sam(adam({ learningRate: 0.01 }), options) as never));
      const tx = alternatingSam(adam({ learningRate: 0.01 }), options);
      const seen = trajectory({
        init: (params: TensorTree) => tx.init(params),
        update: (_: TensorTree, state: never, params: tf.Tensor) =>
          tx.update(slopeOf(params), state, params),
      } as unknown as AnyTransformation);
      const second = seen.filter((_, i) => i % 2 === 1);
      expect(distance(second, wanted.slice(0, second.length))).toBeLessThan(1e-12);
    },
  );

  test("a zero gradient stays one (optax: NaN)", () => {
    const params = { w: tf.tensor1d([0, 0]) };
    for (const adaptive of [false, true]) {
      const tx = sam(sgd({ learningRate: 1 }), { adaptive });
      const gradFn = ({ w }: typeof params) => ({ w: tf.mul(w, 2) });
      const { updates } = tx.update(params, tx.init(params), params, { gradFn });
      expect([...updates.w.dataSync()].map(Math.abs)).toEqual([0, 0]);
    }
  });

  test("a missing gradient function does not compile, the inner one's extras are wanted too", () => {
    const params = tf.tensor1d([1, 2]);
    const gradFn = (x: tf.Tensor): tf.Tensor => tf.mul(x, 2);
    const plain = sam(sgd({ learningRate: 1 }));
    // @ts-expect-error the extra argument `gradFn` is missing
    expect(() => plain.update(params, plain.init(params), params)).toThrow();
    const inTurns = alternatingSam(polyakSgd());
    // @ts-expect-error the extra argument `value` is missing
    expect(() => inTurns.update(params, inTurns.init(params), params)).toThrow();
    const both = sam(polyakSgd());
    // @ts-expect-error the extra argument `value` is missing
    expect(() => both.update(params, both.init(params), params, { gradFn })).toThrow();
    both.update(params, both.init(params), params, { gradFn, value: tf.scalar(1) });
  });

  test("errors name the option or what is missing", () => {
    expect(() => sam(sgd({ learningRate: 1 }), { rho: -1 })).toThrow(
      "sam: rho: expected a number at least 0, got -1",
    );
    expect(() => alternatingSam(sgd({ learningRate: 1 }), { eta: -1 })).toThrow(
      "alternatingSam: eta: expected a number at least 0, got -1",
    );
    const tx = sam(sgd({ learningRate: 1 }));
    const params = tf.tensor1d([1]);
    const gradFn = (x: tf.Tensor): tf.Tensor => x;
    expect(() => tx.update(params, tx.init(params), undefined, { gradFn })).toThrow(
      "sam: expected the parameters as update's third argument, got undefined",
    );
  });
});
