import { compile, grad } from "@layerwise/autodiff";
import * as layers from "@layerwise/layers";
import { float64, float64Tensor, type HostTensor, numbers, toHost } from "@layerwise/test";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import golden from "./fixtures/losses.json" with { type: "json" };
import { alive } from "./setup.ts";

type Loss = (...args: tf.Tensor[]) => tf.Scalar;
type Case = (typeof golden.cases)[number];

/** A loss of the fixture as a function of its tensors, with the options bound. */
const lossOf = ({ fn, options }: Case): Loss => {
  if (fn === "gaussianKL") {
    return (mean, logVariance, m2, v2) => {
      const q = { mean, logVariance } as layers.DiagonalGaussian;
      if (m2 === undefined || v2 === undefined) return layers.gaussianKL(q);
      return layers.gaussianKL(q, { mean: m2, logVariance: v2 });
    };
  }
  const call = (layers as unknown as Readonly<Record<string, (...args: unknown[]) => tf.Scalar>>)[
    fn
  ];
  if (call === undefined) throw new Error(`no loss ${fn}`);
  return (...args) => call(...args, options);
};

const argsOf = ({ args }: Case): tf.Tensor[] =>
  args.map(({ shape, dtype, values }) => tf.tensor(values, shape, dtype as "float32" | "int32"));
const hostArgs = ({ args }: Case): HostTensor[] =>
  args.map(({ shape, dtype, values }) =>
    dtype === "int32" ? toHost(tf.tensor(values, shape, "int32")) : float64Tensor(shape, values),
  );

/** The float arguments whose gradients the fixture has. */
const compared = ({ gradients }: Case): number[] =>
  gradients.flatMap((gradient, i) => (gradient === null ? [] : [i]));

/** Largest difference relative to the larger of 1 and the largest number wanted. */
const distance = (got: readonly number[], want: readonly number[]): number => {
  expect(got.length).toBe(want.length);
  const scale = Math.max(1, ...want.map(Math.abs));
  return Math.max(...got.map((v, i) => Math.abs(v - (want[i] ?? Number.NaN)))) / scale;
};

describe.each(golden.cases)("$fn $options", (found) => {
  const loss = lossOf(found);
  const wanted = compared(found).flatMap((i) => (found.gradients[i] ?? []) as number[]);
  const gradients = (...args: tf.Tensor[]): tf.Tensor[] =>
    compared(found).map((i) =>
      grad((x: tf.Tensor) => loss(...args.map((arg, j) => (j === i ? x : arg))))(
        args[i] as tf.Tensor,
      ),
    );

  test("PyTorch's value and gradients in float64", () => {
    const args = argsOf(found);
    const value = numbers(float64(loss, ...args)(hostArgs(found)));
    expect(distance(value, [found.value])).toBeLessThan(1e-12);
    const got = numbers(float64(gradients, ...args)(hostArgs(found)));
    expect(distance(got, wanted)).toBeLessThan(1e-12);
  });

  test("and in float32; compiled is eager; only the result is made", () => {
    const args = argsOf(found);
    const before = alive();
    const eager = loss(...args);
    expect(alive()).toBe(before + 1);
    expect(eager.shape).toEqual([]);
    expect(distance([...eager.dataSync()], [found.value])).toBeLessThan(1e-6);
    const got = gradients(...args).flatMap((x) => [...x.dataSync()]);
    expect(distance(got, wanted)).toBeLessThan(1e-6);
    const compiled = compile(loss);
    expect(distance([...compiled(...args).dataSync()], [...eager.dataSync()])).toBeLessThan(1e-6);
    compiled.dispose();
  });
});
