import { random, treePaths } from "@layerwise/autodiff";
import {
  activation,
  dense,
  freeze,
  type Layer,
  LayerError,
  parallel,
  replaceLayer,
  residual,
  sequential,
  takeLayers,
  withHead,
} from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import { expect, expectTypeOf, test } from "vitest";
import { alive, maxDifference } from "./setup.ts";

const key = random.key(1);
const made = <L extends Layer>(layer: L, shape: number[], seed = 1) => ({
  layer: layer as Layer,
  variables: layer.init(random.key(seed), shape),
});
const run = (
  { layer, variables }: { layer: Layer; variables: ReturnType<Layer["init"]> },
  x: tf.Tensor,
) => layer.apply(variables, x).y;

test("replaceLayer exchanges a layer and its variables, at any depth", () => {
  const net = sequential({
    stem: dense({ units: 3 }),
    block: residual(sequential([dense({ units: 3 }), activation("tanh")])),
    heads: freeze(
      parallel([dense({ units: 1 }), dense({ units: 2 })]) as unknown as Layer,
    ) as unknown as Layer,
  });
  const model = made(net as Layer, [4]);
  const x = random.normal(key, [2, 4]);
  const [relus, wide] = [made(activation("relu"), [3]), made(dense({ units: 7 }), [3], 5)];
  const before = alive();
  const changed = replaceLayer(model, "block.body.1", relus);
  const wider = replaceLayer(changed, "heads.1", wide);
  expect(alive()).toBe(before);
  expect(treePaths(wider.variables.params)).toEqual(treePaths(model.variables.params));
  expect(run(wider, x).shape).toEqual([2, 8]);
  expect(run(model, x).shape).toEqual([2, 3]);
  // Oracle: the same model made with a relu from the start.
  const relu = sequential({
    stem: dense({ units: 3 }),
    block: residual(sequential([dense({ units: 3 }), activation("relu")])),
    heads: parallel([dense({ units: 1 }), dense({ units: 2 })]),
  });
  const want = (relu as unknown as Layer).apply(model.variables, x).y;
  expect(maxDifference(run(changed, x), want.arraySync())).toBe(0);
  expect(maxDifference(run(model, x), want.arraySync())).toBeGreaterThan(1e-3);
});

test("replaceLayer at the root is the replacement; unknown paths list what is there", () => {
  const model = made(
    sequential({ a: sequential([dense({ units: 3 })]), b: activation("relu") }) as Layer,
    [2],
  );
  const other = made(dense({ units: 1 }), [2]);
  expect(replaceLayer(model, "", other).layer).toBe(other.layer);
  expect(() => replaceLayer(model, "c", other)).toThrow(
    'replaceLayer: expected a layer "c" in sequential, got layers a, b',
  );
  expect(() => replaceLayer(model, "a.1", other)).toThrow(
    'replaceLayer: expected a layer "1" in a (sequential), got layers 0',
  );
  expect(() => replaceLayer(model, "b.x", other)).toThrow(
    'replaceLayer: expected a layer "x" in b (relu), got no layers',
  );
});

test("takeLayers: the first ones, or all but the last ones, tensors shared", () => {
  const net = sequential([dense({ units: 4 }), activation("relu"), dense({ units: 9 })]);
  const model = { layer: net, variables: net.init(key, [3]) };
  const before = alive();
  const first = takeLayers(model, 1);
  const features = takeLayers(model, -1);
  expect(alive()).toBe(before);
  expect(Object.keys(first.layer.layers)).toEqual(["0"]);
  expect(treePaths(features.variables.params)).toEqual(["0.bias", "0.kernel"]);
  const x = random.normal(random.key(2), [5, 3]);
  const hidden = tf.relu(
    dense({ units: 4 }).apply({ params: model.variables.params["0"], state: null }, x).y,
  );
  expect(
    maxDifference(features.layer.apply(features.variables as never, x).y, hidden.arraySync()),
  ).toBe(0);
  const named = sequential({ a: dense({ units: 4 }), b: dense({ units: 2 }) });
  const part = takeLayers({ layer: named, variables: named.init(key, [3]) }, 1);
  expect(Object.keys(part.layer.layers)).toEqual(["a"]);
  expect(() => takeLayers(model, 4)).toThrow(
    "takeLayers: expected a whole number of at most 3 layers, got 4",
  );
  const single = dense({ units: 2 });
  expect(() => takeLayers({ layer: single, variables: single.init(key, [3]) }, 1)).toThrow(
    LayerError,
  );
});

test("withHead puts a new layer behind, under names for masks and partitions", () => {
  const net = sequential([dense({ units: 4 }), activation("relu"), dense({ units: 9 })]);
  const model = { layer: net, variables: net.init(key, [3]) };
  const tuned = withHead(takeLayers(model, -1), dense({ units: 2 }), {
    key: random.key(7),
    inputShape: [3],
  });
  expectTypeOf(tuned.variables.params.head.kernel).toEqualTypeOf<tf.Tensor2D>();
  expect(tuned.variables.params.head.kernel.shape).toEqual([4, 2]);
  expect(treePaths(tuned.variables.params)).toEqual([
    "body.0.bias",
    "body.0.kernel",
    "head.bias",
    "head.kernel",
  ]);
  const frozen = freeze(tuned.layer, { body: true, head: false });
  const { y } = frozen.apply(tuned.variables, random.normal(key, [5, 3]));
  expect(y.shape).toEqual([5, 2]);
});
