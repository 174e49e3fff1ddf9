import { madgrad, scaleByMadgrad } from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { any, derived, type Rule, worst } from "./support/derived.ts";
import { float64Differences } from "./support/golden.ts";
import { type Matrix, zip } from "./support/matrix.ts";
import "./setup.ts";

test("MADGRAD is the paper's algorithm with eps 0 (oracle: plain JavaScript)", () => {
  const [rate, momentum] = [0.3, 0.75];
  const rule = (): Rule => {
    let [start, sum, squares]: Matrix[] = [];
    let k = 0;
    return (g, p) => {
      const by = rate * Math.sqrt(++k);
      start ??= p;
      sum = zip((x, s) => s + by * x, g, sum ?? zip(() => 0, g));
      squares = zip((x, v) => v + by * x * x, g, squares ?? zip(() => 0, g));
      return zip(
        (x, x0, s, v) => momentum * x + (1 - momentum) * (v === 0 ? x0 : x0 - s / Math.cbrt(v)),
        p,
        start,
        sum,
        squares,
      );
    };
  };
  const optimizer = any(madgrad({ learningRate: rate, momentum, eps: 1e-300 }));
  expect(worst(float64Differences(optimizer, derived({ w: rule(), b: rule() })))).toBeLessThan(
    1e-12,
  );
});

test("it averages from the start, wherever the parameters have been put since", () => {
  const tx = scaleByMadgrad({ learningRate: 0.1, momentum: 0 });
  const start = tf.tensor1d([1, -1]);
  const state = tx.init(start);
  const grads = tf.tensor1d([1, 2]);
  const [a, b] = [start, tf.tensor1d([100, 7])].map((params) =>
    tf.add(params, tx.update(grads, state, params).updates),
  );
  expect(tf.max(tf.abs(tf.sub(a as tf.Tensor, b as tf.Tensor))).dataSync()[0]).toBeLessThan(1e-5);
});

test("errors name the option", () => {
  const grads = tf.scalar(1);
  const tx = madgrad({ learningRate: 1 });
  expect(() => tx.update(grads, tx.init(grads))).toThrow("expected the parameters");
  expect(() => madgrad({ learningRate: 1, momentum: 1 })).toThrow(
    "scaleByMadgrad: momentum: expected a number in [0, 1), got 1",
  );
  // @ts-expect-error the learning rate is missing
  expect(() => scaleByMadgrad({})).toThrow("scaleByMadgrad: learningRate: expected");
});
