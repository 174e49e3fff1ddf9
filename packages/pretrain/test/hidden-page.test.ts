import { afterAll, expect, test, vi } from "vitest";

// A hidden page has requestAnimationFrame and never calls back. tfjs takes the function when it is
// loaded, so everything that is tested is loaded after this.
vi.stubGlobal("requestAnimationFrame", () => 0);
const { random, treeDispose } = await import("@layerwise/autodiff");
const { basicAutoencoder } = await import("@layerwise/autoencoders");
const { sgd } = await import("@layerwise/optim");
const { finish, pretrainGreedy } = await import("@layerwise/pretrain");
const tf = await import("@tensorflow/tfjs-core");
await import("@tensorflow/tfjs-backend-cpu");
afterAll(() => vi.unstubAllGlobals());

test("training goes on in a hidden page", async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 0);
  const layer = {
    autoencoder: basicAutoencoder({ units: 2 }),
    optimizer: sgd({ learningRate: 0.1 }),
    epochs: 20_000,
    batchSize: 1,
  };
  const data = tf.ones([10, 3]);
  const { signal } = controller;
  const run = pretrainGreedy({ layers: [layer], data, key: random.key(0), signal });
  const result = await finish(run);
  expect(result.interrupted).toBe(true);
  treeDispose(result.variables);
});
