// Here, as only this package can know both norm and dropout.
import { random, type TensorTree, treeMap, valueAndGradAux } from "@layerwise/autodiff";
import { type DropoutOptions, dropout } from "@layerwise/dropout";
import { activation, dense, type Layer } from "@layerwise/layers";
import { asTfLayer, registerTfLayer } from "@layerwise/layers/tfjs";
import { batchNorm } from "@layerwise/norm";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { afterEach, expect, test } from "vitest";
import { alive, maxDifference } from "./setup.ts";

afterEach(() => tf.disposeVariables());

const xs = random.normal(random.key(1), [8, 3]);
const ys = random.normal(random.key(2), [8, 1]);
const rate = 0.3;

const parts = (): Layer[] => [
  dense({ units: 6 }),
  batchNorm(),
  activation("relu6"),
  dropout({ rate: 0.4 }),
  dense({ units: 1 }),
];

const compiled = (layers: tfl.layers.Layer[]): tfl.Sequential => {
  const model = tfl.sequential({ layers });
  model.compile({ optimizer: tf.train.sgd(rate), loss: "meanSquaredError" });
  return model;
};

const modelOf = (layers: readonly Layer[]): tfl.Sequential =>
  compiled(
    layers.map((layer, seed) => asTfLayer(layer, { seed, ...(seed === 0 && { inputShape: [3] }) })),
  );

const fit = async (model: tfl.LayersModel, epochs: number): Promise<number[]> => {
  const config = { epochs, batchSize: 8, shuffle: false, verbose: 0 } as const;
  return ((await model.fit(xs, ys, config)).history.loss ?? []) as number[];
};

/** The same steps by our own autodiff; layer i has seed i. */
function ownLoop(layers: readonly Layer[], steps: number) {
  const keys = layers.map((_, seed) => random.split(random.key(seed)));
  let shape: readonly number[] = [3];
  let all = layers.map((layer, i) => {
    const variables = layer.init(keys[i]?.[0] as tf.Tensor, shape);
    shape = layer.outputShape(shape);
    return variables;
  });
  const losses: number[] = [];
  for (let t = 0; t < steps; t++) {
    const result = valueAndGradAux((params: TensorTree[]) => {
      let y: tf.Tensor = xs;
      const states = layers.map((layer, i) => {
        const variables = { params: params[i] ?? null, state: all[i]?.state ?? null };
        const key = random.foldIn(keys[i]?.[1] as tf.Tensor, t);
        const applied = layer.apply(variables, y, { key, training: true });
        y = applied.y;
        return applied.state;
      });
      return { value: tf.mean(tf.square(tf.sub(y, ys))), aux: states };
    })(all.map(({ params }) => params));
    const descend = (p: tf.Tensor, g: tf.Tensor): tf.Tensor => tf.sub(p, tf.mul(g, rate));
    const next = treeMap(
      descend,
      all.map(({ params }) => params),
      result.grad,
    ) as TensorTree[];
    all = result.aux.map((state, i) => ({ params: next[i] ?? null, state }));
    losses.push(result.value.dataSync()[0] ?? Number.NaN);
  }
  const y = layers.reduce((x: tf.Tensor, layer, i) => {
    return layer.apply({ params: all[i]?.params ?? null, state: all[i]?.state ?? null }, x).y;
  }, xs);
  return { all, losses, y };
}

test("dense, batch normalisation and dropout in tfjs-layers: fit trains as our own loop", async () => {
  const model = modelOf(parts());
  const losses = await fit(model, 2);
  const before = alive();
  losses.push(...(await fit(model, 6)));
  expect(alive()).toBe(before);

  const own = ownLoop(parts(), 8);
  losses.forEach((loss, i) => {
    expect(Math.abs(loss - (own.losses[i] ?? Number.NaN))).toBeLessThan(1e-6);
  });
  expect(maxDifference(model.predict(xs) as tf.Tensor, own.y.arraySync())).toBeLessThan(1e-5);

  const norm = model.layers[1] as tfl.layers.Layer;
  const names = norm.weights.map((weight) => weight.originalName.replace(/.*\//, ""));
  expect(names).toEqual(["beta", "gamma", "state.mean", "state.steps", "state.variance"]);
  const { mean, variance } = (own.all[1]?.state ?? {}) as { mean: tf.Tensor; variance: tf.Tensor };
  const [, , runningMean, steps, runningVariance] = norm.getWeights();
  expect(steps?.dataSync()[0]).toBe(8);
  expect(maxDifference(runningMean as tf.Tensor, mean.arraySync())).toBeLessThan(1e-6);
  expect(maxDifference(runningVariance as tf.Tensor, variance.arraySync())).toBeLessThan(1e-6);
});

test("dropout draws anew in each training call, and not in evaluation", () => {
  const layer = asTfLayer(dropout({ rate: 0.5 }), { seed: 0 });
  const x = tf.ones([4, 32]);
  const call = (training: boolean): string =>
    `${[...(layer.apply(x, { training }) as tf.Tensor).dataSync()]}`;
  expect(call(false)).toBe(`${[...x.dataSync()]}`);
  const [first, second] = [call(true), call(true)];
  expect(new Set([first, second, call(false)]).size).toBe(3);
  layer.setWeights([tf.scalar(0, "int32")]);
  expect([call(true), call(true)]).toEqual([first, second]);
});

test("batch normalisation trains as that of tfjs-layers with its conventions", async () => {
  const momentum = { weightOfRunning: 0.99 } as const;
  const like = batchNorm({ eps: 1e-3, momentum, runningVariance: "biased" });
  const ours = asTfLayer(like, { seed: 0, inputShape: [3] });
  const theirs = tfl.layers.batchNormalization({ inputShape: [3] });
  const models = [ours, theirs].map((layer) => {
    const kernelInitializer = tfl.initializers.constant({ value: 0.5 });
    return compiled([layer, tfl.layers.dense({ units: 1, kernelInitializer })]);
  });
  const losses = await Promise.all(models.map((model) => fit(model, 10)));
  losses[0]?.forEach((loss, i) => {
    expect(Math.abs(loss - (losses[1]?.[i] ?? Number.NaN))).toBeLessThan(1e-6);
  });
  const [a, b] = models.map((model) => model.predict(xs) as tf.Tensor);
  expect(maxDifference(a as tf.Tensor, b?.arraySync())).toBeLessThan(1e-5);
});

test("a saved model goes on as if it had never stopped", async () => {
  const norm = registerTfLayer("batchNorm", batchNorm);
  const drop = registerTfLayer("dropout", (options: DropoutOptions) => dropout(options));
  const model = compiled([
    norm(
      { momentum: { weightOfBatch: 0.2 }, runningVariance: "biased" },
      { seed: 0, inputShape: [3] },
    ),
    tfl.layers.dense({ units: 6 }),
    drop({ rate: 0.4 }, { seed: 1 }),
    tfl.layers.dense({ units: 1 }),
  ]);
  await fit(model, 2);
  let artifacts: tf.io.ModelArtifacts = {};
  await model.save(
    tf.io.withSaveHandler(async (given) => {
      artifacts = given;
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" } };
    }),
  );
  const straight = await fit(model, 2);
  const modelTopology = JSON.parse(JSON.stringify(artifacts.modelTopology));
  const loaded = await tfl.loadLayersModel(tf.io.fromMemory({ ...artifacts, modelTopology }));
  loaded.compile({ optimizer: tf.train.sgd(rate), loss: "meanSquaredError" });
  expect(await fit(loaded, 2)).toEqual(straight);
  const [want, got] = [model, loaded].map((m) => m.getWeights().map((w) => [...w.dataSync()]));
  expect(got).toEqual(want);
});
