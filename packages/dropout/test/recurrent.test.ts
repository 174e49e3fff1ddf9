import { grad, random } from "@layerwise/autodiff";
import { dropoutMask, lockedDropout, spatialDropout1d, zoneOut } from "@layerwise/dropout";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { maxDifference } from "./setup.ts";
import { gradientError } from "./support/gradient.ts";

const none = { params: null, state: null };
const previous = random.normal(random.key(1), [4, 50]);
const next = random.normal(random.key(2), [4, 50]);
const training = { rate: 0.3, key: random.key(3), training: true };

test("zoneOut: in training each value is the old or the new one, unscaled", () => {
  const y = zoneOut(previous, next, training).dataSync();
  const [a, b] = [previous.dataSync(), next.dataSync()];
  y.forEach((v, i) => {
    expect([a[i], b[i]]).toContain(v);
  });
  const share = Array.from(y).filter((v, i) => v === a[i]).length / y.length;
  expect(Math.abs(share - 0.3)).toBeLessThan(4 * Math.sqrt(0.21 / y.length));
});

test("zoneOut: inference is the expectation (oracle: the formula)", () => {
  const [a, b] = [previous.dataSync(), next.dataSync()];
  const want = Array.from(a, (v, i) => 0.3 * v + 0.7 * (b[i] ?? Number.NaN));
  expect(maxDifference(zoneOut(previous, next, { rate: 0.3 }), want)).toBeLessThan(3e-7);
});

test("zoneOut: rates 0 and 1 are the new and the old state, in training and inference", () => {
  for (const options of [{}, { key: random.key(0), training: true }]) {
    expect(maxDifference(zoneOut(previous, next, { rate: 0, ...options }), next.arraySync())).toBe(
      0,
    );
    const kept = zoneOut(previous, next, { rate: 1, ...options });
    expect(maxDifference(kept, previous.arraySync())).toBe(0);
  }
});

test("zoneOut: gradients go to the state that was taken", () => {
  const d = grad((s: { readonly previous: tf.Tensor; readonly next: tf.Tensor }) =>
    tf.sum(zoneOut(s.previous, s.next, training)),
  )({ previous, next });
  const sum = tf.add(d.previous, d.next);
  expect(new Set(sum.dataSync())).toEqual(new Set([1]));
  const taken = zoneOut(tf.ones([4, 50]), tf.zeros([4, 50]), training);
  expect(maxDifference(d.previous, taken.arraySync())).toBe(0);
  for (const options of [training, { rate: 0.3 }]) {
    const loss = (s: { readonly previous: tf.Tensor; readonly next: tf.Tensor }) =>
      tf.sum(tf.square(zoneOut(s.previous, s.next, options)));
    const small = { previous: tf.slice(previous, 0, 1), next: tf.slice(next, 0, 1) };
    expect(gradientError(loss, small)).toBeLessThan(1e-10);
  }
});

test("lockedDropout: one mask for all time steps, another for each sample and key", () => {
  const x = tf.ones([2, 5, 64]);
  const options = { key: random.key(4), training: true };
  const { y } = lockedDropout({ rate: 0.5 }).apply(none, x, options);
  const [first, second] = y.arraySync() as number[][][];
  for (const step of first ?? []) expect(step).toEqual(first?.[0]);
  expect(second?.[0]).not.toEqual(first?.[0]);
  const same = spatialDropout1d({ rate: 0.5 }).apply(none, x, options).y;
  expect(maxDifference(same, y.arraySync())).toBe(0);
  const timeFirst = lockedDropout({ rate: 0.5, timeFirst: true });
  const moved = timeFirst.apply(none, tf.transpose(x, [1, 0, 2]), options).y;
  expect(maxDifference(tf.transpose(moved, [1, 0, 2]), y.arraySync())).toBe(0);
});

test("a mask drawn before the loop drops the same units of a state at all steps", () => {
  const mask = dropoutMask(random.key(6), [1, 32], 0.5);
  const dropped = [...mask.dataSync()].flatMap((v, i) => (v === 0 ? [i] : []));
  const loss = (start: tf.Tensor) => {
    let state = start;
    for (let step = 0; step < 3; step++) state = tf.mul(state, mask);
    return tf.sum(state);
  };
  const slope = grad(loss)(tf.ones([1, 32])).dataSync();
  expect([...slope].flatMap((v, i) => (v === 0 ? [i] : []))).toEqual(dropped);
  expect(new Set(slope)).toEqual(new Set([0, 8]));
});
