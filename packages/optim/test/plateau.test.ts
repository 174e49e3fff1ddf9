import type { TensorTree } from "@layerwise/autodiff";
import {
  chain,
  type ReduceOnPlateauOptions,
  type ReduceOnPlateauState,
  reduceOnPlateau,
  scale,
  sgd,
} from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import golden from "./fixtures/schedules.json" with { type: "json" };
import { optimizerContract } from "./support/contract.ts";
import { float64, float64Tensor, hostLeaves, numbers } from "./support/float64.ts";
import { row } from "./support/row.ts";
import "./setup.ts";

/** What a scheduler remembers after a value. */
interface Memory {
  readonly scale: number;
  readonly best: number;
  readonly plateau: number;
  readonly cooldown: number;
}

/** The states after each value, in float64. Leaves of a state come in the order of their names. */
function statesInFloat64(options: ReduceOnPlateauOptions, values: readonly number[]): Memory[] {
  const optimizer = reduceOnPlateau(options);
  const grads = { w: tf.ones([2]) };
  const state = optimizer.init(grads);
  const step = float64(
    (before: ReduceOnPlateauState, value: tf.Tensor) => {
      const result = optimizer.update(grads, before, undefined, { value });
      return [result.state, result.updates];
    },
    state,
    tf.scalar(0),
  );
  let carry = hostLeaves(state);
  return values.map((value) => {
    const next = step([...carry, float64Tensor([], [value])]);
    carry = next.slice(0, 6);
    const [, best, cooldown, , plateau, factor] = numbers(carry);
    expect(numbers(next.slice(6))).toEqual([factor, factor]);
    return { scale: factor, best, plateau, cooldown } as Memory;
  });
}

/** The same in float32, op by op. */
function scalesInFloat32(options: ReduceOnPlateauOptions, values: readonly number[]): number[] {
  const optimizer = reduceOnPlateau(options);
  let state = optimizer.init({});
  return values.map((value) => {
    ({ state } = optimizer.update({}, state, undefined, { value: tf.scalar(value) }));
    return state.scale.dataSync()[0] ?? Number.NaN;
  });
}

interface Golden {
  readonly source: string;
  readonly config: Readonly<Record<string, number | string>>;
  readonly values: readonly number[];
  readonly scale: readonly number[];
  /** null: none yet. */
  readonly best: readonly (number | null)[];
  readonly plateau: readonly number[];
  readonly cooldown: readonly number[];
}

/** Their options by our names. */
function optionsOf({ source, config }: Golden): ReduceOnPlateauOptions {
  const { factor, cooldown, mode } = config as ReduceOnPlateauOptions;
  const n = (name: string): number | undefined => config[name] as number | undefined;
  const common = { factor, cooldown, mode, minScale: n("min_scale") ?? n("min_lr") };
  if (source.startsWith("optax")) {
    const accumulationSize = n("accumulation_size");
    return {
      ...common,
      patience: n("patience"),
      rtol: n("rtol"),
      atol: n("atol"),
      accumulationSize,
    };
  }
  // PyTorch waits for more than `patience` values, and has one threshold.
  const { threshold_mode: relativeOrAbsolute } = config;
  const absolute = relativeOrAbsolute === "abs";
  const [rtol, atol] = absolute ? [0, n("threshold")] : [n("threshold"), 0];
  return { ...common, patience: (n("patience") ?? 10) + 1, rtol, atol };
}

const cases = (golden.plateau as unknown as readonly Golden[]).map((golden) => ({
  golden,
  name: `${golden.source} ${JSON.stringify(golden.config)}`,
}));

test.each(cases)("the scale, the best and the counts are those of $name", ({ golden }) => {
  const options = optionsOf(golden);
  const states = statesInFloat64(options, golden.values);
  const worst = options.mode === "max" ? -Infinity : Infinity;
  expect(states.map(({ best }) => best)).toEqual(golden.best.map((best) => best ?? worst));
  expect(states.map(({ plateau }) => plateau)).toEqual(golden.plateau);
  expect(states.map(({ cooldown }) => cooldown)).toEqual(golden.cooldown);
  const inFloat32 = scalesInFloat32(options, golden.values);
  golden.scale.forEach((scale, i) => {
    expect(Math.abs((states[i]?.scale ?? Number.NaN) / scale - 1)).toBeLessThan(1e-12);
    expect(Math.abs((inFloat32[i] ?? Number.NaN) / scale - 1)).toBeLessThan(5e-6);
  });
});

/** The rule in JavaScript, value by value. */
function scalesByHand(
  { factor = 0.1, patience = 10, rtol = 1e-4, atol = 0, cooldown = 0, minScale = 0 },
  values: readonly number[],
): number[] {
  let [scale, best, waited, rest] = [1, Number.NaN, 0, 0];
  return values.map((value) => {
    const improved = Number.isNaN(best) || best - value > rtol * Math.abs(best) + atol;
    if (improved) [best, waited] = [value, 0];
    else waited += 1;
    if (rest > 0) [waited, rest] = [0, rest - 1];
    else if (waited === patience) {
      [scale, waited, rest] = [Math.max(scale * factor, minScale), 0, cooldown];
    }
    return scale;
  });
}

describe("a loss may be negative", () => {
  test("and its repetition is no improvement", () => {
    const options = { factor: 0.5, patience: 3 };
    // optax 0.2.8 and PyTorch 1.13 keep the scale at 1 here.
    const scales = statesInFloat64(options, Array(8).fill(-5)).map(({ scale }) => scale);
    expect(scales).toEqual([1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]);
  });

  test("as the rule in JavaScript has it, from positive to negative", () => {
    const noise = (i: number): number => Math.sin(i * i) / 2;
    const values = Array.from(
      { length: 120 },
      (_, i) => 4 - i / 10 + noise(i) + (i > 60 ? i / 15 : 0),
    );
    expect(Math.min(...values)).toBeLessThan(-2);
    const options = {
      factor: 0.5,
      patience: 2,
      rtol: 0.02,
      atol: 0.01,
      cooldown: 1,
      minScale: 1e-3,
    };
    const want = scalesByHand(options, values);
    expect(new Set(want).size).toBeGreaterThan(5);
    expect(statesInFloat64(options, values).map(({ scale }) => scale)).toEqual(want);
  });
});

test("a maximum is the minimum of the negative", () => {
  const values = Array.from({ length: 60 }, (_, i) => Math.cos(i * i) - i / 30);
  const options = { factor: 0.5, patience: 2, rtol: 0.01 };
  const negative = values.map((value) => -value);
  expect(statesInFloat64({ ...options, mode: "max" }, negative).map(({ scale }) => scale)).toEqual(
    statesInFloat64(options, values).map(({ scale }) => scale),
  );
});

test("a NaN is no improvement and does not stay", () => {
  const options = { factor: 0.5, patience: 2, rtol: 0.1 };
  const states = statesInFloat64(options, [5, Number.NaN, Number.NaN, 4, Infinity]);
  expect(states.map(({ scale, best }) => [scale, best])).toEqual([
    [1, 5],
    [1, 5],
    [0.5, 5],
    [0.5, 4],
    [0.5, 4],
  ]);
});

test("averages of several values are judged", () => {
  const options = { factor: 0.5, patience: 1, rtol: 0, atol: 0.1, accumulationSize: 3 };
  // The averages are 2, 1 and 1.
  const states = statesInFloat64(options, [1, 2, 3, 1, 1, 1, 0, 2, 1]);
  expect(states.map(({ scale }) => scale)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 0.5]);
  expect(states.map(({ best }) => best)).toEqual([...[Infinity, Infinity, 2, 2, 2, 1, 1, 1, 1]]);
});

test("a chain asks for the loss", () => {
  const optimizer = chain(sgd({ learningRate: 1 }), reduceOnPlateau(), scale(1));
  const grads: TensorTree = tf.scalar(1);
  const state = optimizer.init(grads);
  // @ts-expect-error the loss is missing
  expect(() => optimizer.update(grads, state, grads)).toThrow(
    "reduceOnPlateau: expected value, a scalar tensor, in update's fourth argument, got undefined",
  );
  const value = tf.scalar(3);
  const { updates } = optimizer.update(grads, state, undefined, { value });
  expect((updates as tf.Tensor).dataSync()[0]).toBe(-1);
});

test.each([
  [{ factor: 1 }, "factor: expected a number in [0, 1), got 1"],
  [{ factor: 0 }, "factor: expected a number above 0, got 0"],
  [{ patience: 0 }, "patience: expected a positive whole number of steps, got 0"],
  [{ rtol: 1 }, "rtol: expected a number in [0, 1), got 1"],
  [{ atol: -1 }, "atol: expected a number at least 0, got -1"],
  [{ cooldown: 0.5 }, "cooldown: expected a whole number of steps, at least 0, got 0.5"],
  [{ accumulationSize: 0 }, "accumulationSize: expected a positive whole number of steps, got 0"],
  [{ minScale: Number.NaN }, "minScale: expected a number at least 0, got NaN"],
  [{ mode: "up" as "min" }, 'mode: expected one of "min", "max", got up'],
])("%o is refused", (options, message) => {
  expect(() => reduceOnPlateau(options)).toThrow(`reduceOnPlateau: ${message}`);
});

optimizerContract(
  row({
    name: "sgd with reduceOnPlateau",
    make: (learningRate) =>
      chain(sgd({ learningRate }), reduceOnPlateau({ factor: 0.5, patience: 5 })),
  }),
);
