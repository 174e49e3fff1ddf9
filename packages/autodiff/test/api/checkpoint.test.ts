import { checkpoint, compile, grad, peakBytes } from "@layerwise/autodiff";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, expect, test } from "vitest";
import { prepare } from "../../src/interpret/plan.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const DEPTH = 4;
const SIZE = 256;

// Four blocks of four sines: a plain backward pass keeps a residual of every sine, a checkpointed one
// only the inputs of the blocks and the residuals of the one block that it is in.
const block = (x: tf.Tensor): tf.Tensor => tf.sin(tf.sin(tf.sin(tf.sin(x))));
const network =
  (stage: (x: tf.Tensor) => tf.Tensor) =>
  (x: tf.Tensor): tf.Tensor => {
    let y = x;
    for (let i = 0; i < DEPTH; i++) y = stage(y);
    return tf.sum(y);
  };
const plain = compile(grad(network(block)));
const remat = compile(grad(network((x) => checkpoint(block)(x))));

test("a checkpointed gradient equals the plain one", () => {
  tf.tidy(() => {
    const x = tf.linspace(-2, 2, SIZE);
    expect(remat(x).arraySync()).toEqual(plain(x).arraySync());
  });
});

test("checkpoints lower the peak of live bytes, planned and as the interpreter measures it", () => {
  const x = tf.linspace(-2, 2, SIZE);
  const graphs = [plain.graph(x), remat.graph(x)] as const;
  const vector = SIZE * 4;
  // Counted by hand from the comment above: 16 residuals against 3 block inputs + 4 residuals, each
  // with a few vectors in flight.
  const [planned, lowered] = graphs.map((graph) => peakBytes(graph) / vector) as [number, number];
  expect(planned).toBeGreaterThanOrEqual(16);
  expect(lowered).toBeLessThanOrEqual(11);
  const [measured, rematerialized] = graphs.map((graph) => {
    const plan = prepare(graph);
    const { peakBytes: bytes } = plan.stats;
    plan.dispose();
    return bytes / vector;
  }) as [number, number];
  expect(rematerialized).toBeLessThan(measured * 0.7);
  x.dispose();
});
