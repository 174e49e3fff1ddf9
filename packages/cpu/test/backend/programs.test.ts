// Random programs of kernels, views, disposals and reads. The oracle is tfjs's cpu backend; the engine's heap
// poisons what is freed, so that a value that is freed too early or overwritten shows.
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { HostEngine } from "./host-engine.ts";
import { active, useHostBackend } from "./support.ts";

const MODES = ["lazy", "eager"] as const;
const SHAPE = [4, 8];

const engines: Partial<Record<(typeof MODES)[number], HostEngine>> = {};
beforeAll(async () => {
  for (const mode of MODES) engines[mode] = await useHostBackend(`programs-${mode}`, mode);
});

interface Step {
  readonly kind: number;
  readonly x: number;
  readonly y: number;
}

type Action = (x: tf.Tensor, y: tf.Tensor) => tf.Tensor | readonly tf.Tensor[];

const compute: readonly Action[] = [
  (x, y) => tf.add(x, y),
  (x, y) => tf.sub(x, y),
  (x, y) => tf.maximum(x, y),
  (x) => tf.relu(x),
  (x) => tf.mul(x, 0.5),
  (x) => tf.clone(x),
  (x) => tf.tidy(() => tf.reshape(tf.reshape(x, [2, 16]), SHAPE)),
  (x) => tf.tidy(() => tf.add(tf.sum(x, 1, true), tf.zerosLike(tf.square(x)))),
  (x) => tf.tidy(() => tf.concat([tf.slice(x, [1, 0], [3, 8]), tf.slice(x, [0, 0], [1, 8])])),
  (x) => tf.tidy(() => tf.split(tf.concat([x, tf.neg(x)], 1), 2, 1)),
  // Complex numbers have no lowering.
  (x, y) => tf.tidy(() => tf.imag(tf.complex(x, y))),
];

/** Runs a program; returns all numbers it reads, the final values of its tensors among them. */
const execute = (steps: readonly Step[]): number[] => {
  const read: number[] = [];
  const values = [0, 1, 2].map((k) =>
    tf.tensor(Float32Array.from({ length: 32 }, (_, i) => (k + 2) * Math.sin(i + 1))),
  );
  const tensors = values.map((x) => tf.reshape(x, SHAPE));
  tf.dispose(values);
  const state = tf.variable(tensors[0]!);
  for (const { kind, x: i, y: j } of steps) {
    const [x, y] = [tensors[i % tensors.length]!, tensors[j % tensors.length]!];
    if (kind < compute.length) tensors.push(...[compute[kind]!(x, y)].flat());
    else if (kind === compute.length) read.push(...x.dataSync());
    else if (kind === compute.length + 1) {
      tf.tidy(() => state.assign(tf.mul(tf.add(state, x), 0.5)));
      tensors.push(tf.clone(state));
    } else if (tensors.length > 1) tensors.splice(tensors.indexOf(x), 1)[0]!.dispose();
  }
  for (const x of [...tensors, state]) read.push(...x.dataSync());
  tf.dispose([...tensors, state]);
  return read;
};

const step = fc.record({
  kind: fc.nat(compute.length + 4),
  x: fc.nat(1000),
  y: fc.nat(1000),
});

describe("random programs give what tfjs's cpu backend gives", () => {
  test.for(MODES)("%s", async (mode) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: "max" }), async (steps) => {
        await tf.setBackend("cpu");
        const expected = execute(steps);
        await tf.setBackend(`programs-${mode}`);
        const before = tf.memory().numTensors;
        const bytes = engines[mode]?.heap.bytes;
        const actual = execute(steps);
        expect(actual.length).toBe(expected.length);
        for (const [i, v] of actual.entries()) {
          expect(Math.abs(v - expected[i]!)).toBeLessThanOrEqual(
            1e-5 * (1 + Math.abs(expected[i]!)),
          );
        }
        active().recorder.flush();
        expect(tf.memory().numTensors).toBe(before);
        expect(engines[mode]?.heap.bytes).toBe(bytes);
      }),
      { seed: 7, numRuns: 60 },
    );
  });
});
