import { compile, random, treeLeaves } from "@layerwise/autodiff";
import type { ApplyOptions } from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { alive } from "../setup.ts";
import { distance, gradientError } from "./gradient.ts";
import type { Row } from "./rows.ts";

/** What every layer of this package keeps to. */
export function contract(name: string, row: Row): void {
  const { layer, shape, wrong, identity = true, alwaysKey = false } = row;
  const variables = layer.init(random.key(3), shape);
  const x = tf.mul(random.normal(random.key(4), [3, ...shape]), 1.5);
  const key = random.key(5);
  const inference: ApplyOptions = alwaysKey ? { key } : {};
  const values = (options: ApplyOptions): number[] =>
    Array.from(layer.apply(variables, x, options).y.dataSync());

  test(`${name}: is a frozen plain value that knows its output shape`, () => {
    expect(layer.kind).toBe(name.split(" ")[0]);
    expect(Object.isFrozen(layer)).toBe(true);
    expect(layer).toHaveProperty("stochastic", true);
    for (const training of [true, false]) {
      const { y } = layer.apply(variables, x, { key, training });
      expect(y.shape.slice(1)).toEqual([...layer.outputShape(shape)]);
    }
  });

  test(`${name}: returns fresh tensors and leaves none`, () => {
    for (const training of [true, false]) {
      const before = alive();
      const { y, state } = layer.apply(variables, x, { key, training });
      expect(treeLeaves<unknown, tf.Tensor>([x, variables])).not.toContain(y);
      expect(alive()).toBe(before + 1 + treeLeaves(state).length);
    }
    const before = alive();
    const made = layer.init(random.key(0), shape);
    expect(alive() - before).toBe(treeLeaves(made).length + 1);
  });

  test(`${name}: the key alone decides, and only in training`, () => {
    const draw = (seed: number) => values({ key: random.key(seed), training: true });
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(values(inference)).toEqual(values({ ...inference, training: false }));
    if (identity) {
      expect(values({})).toEqual(Array.from(x.dataSync()));
      expect(values({ key })).toEqual(Array.from(x.dataSync()));
    }
    const apply = () => layer.apply(variables, x, { training: true });
    expect(apply).toThrow(`${layer.kind}: expected a random key in training, got none: pass {`);
  });

  test(`${name}: compiled = eager`, () => {
    for (const training of [true, false]) {
      const run = compile((v: typeof variables, input: tf.Tensor, k: tf.Tensor) => {
        return layer.apply(v, input, { key: k, training }).y;
      });
      const got = Array.from(run(variables, x, key).dataSync());
      expect(distance(got, values({ key, training }))).toBeLessThan(1e-6);
    }
  });

  test(`${name}: the derivative is that of the value with the same mask (float64 differences)`, () => {
    const weights = random.normal(random.key(6), [3, ...layer.outputShape(shape)]);
    for (const training of [true, false]) {
      const loss = (tree: { readonly params: unknown; readonly x: tf.Tensor }) => {
        const own = { params: tree.params as never, state: variables.state };
        const { y } = layer.apply(own, tree.x, { key, training });
        return tf.sum(tf.mul(y, weights));
      };
      const error = gradientError(loss, { params: variables.params as unknown, x });
      expect(error).toBeLessThan(1e-10);
    }
  });

  if (wrong === undefined) return;
  test(`${name}: refuses a wrong shape by name`, () => {
    const message = new RegExp(`: expected .*got \\[${wrong.join(", ")}\\]`);
    expect(() => layer.apply(variables, tf.zeros([...wrong]), { key, training: true })).toThrow(
      message,
    );
    expect(() => layer.apply(variables, tf.zeros([...wrong]), inference)).toThrow(message);
  });
}
