// What happens where the engine cannot compute: an error for whoever asks, and nothing left behind.
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Mode } from "../../src/backend/recorder.ts";
import { registerBackend } from "../../src/backend/register.ts";
import { type HostEngine, hostEngine } from "./host-engine.ts";
import { active } from "./support.ts";

const engines = new Map<Mode, HostEngine>();
const MODES = ["lazy", "eager"] as const;

beforeAll(() => {
  for (const mode of MODES) {
    const engine = hostEngine();
    engines.set(mode, engine);
    const failing: HostEngine = {
      ...engine,
      prepare: (graph, donate) => {
        if (graph.nodes.some(({ op }) => op === "cosine")) throw new Error("no cosine here");
        return engine.prepare(graph, donate);
      },
    };
    registerBackend(() => failing, { mode, name: `failure-${mode}` });
  }
});
afterAll(() => {
  for (const engine of engines.values()) expect(engine.heap.bytes).toBe(0);
});

test("lazily, whoever reads a value gets the error, and nobody else", async () => {
  await tf.setBackend("failure-lazy");
  const x = tf.ones([32]);
  const y = tf.cos(x);
  await new Promise((resolve) => setTimeout(resolve));
  expect(() => y.dataSync()).toThrow("no cosine here");
  await expect(y.data()).rejects.toThrow("no cosine here");
  y.dispose();
  const z = tf.add(x, 1);
  expect(z.dataSync()[0]).toBe(2);
  tf.dispose([x, z]);
  active().recorder.flush();
  tf.disposeVariables();
});

test("eagerly, the kernel throws", async () => {
  await tf.setBackend("failure-eager");
  const x = tf.ones([32]);
  const before = active().numDataIds();
  expect(() => tf.cos(x)).toThrow("no cosine here");
  expect(active().numDataIds()).toBe(before);
  const z = tf.tidy(() => tf.add(x, 1));
  expect(engines.get("eager")?.counts.runs).toBe(1);
  expect(z.dataSync()[0]).toBe(2);
  tf.dispose([x, z]);
});
