import {
  compile,
  grad,
  random,
  type TensorTree,
  treeMap,
  valueAndGradAux,
} from "@layerwise/autodiff";
import {
  activation,
  dense,
  embedding,
  globalAveragePool,
  type Layer,
  LayerError,
  rrelu,
  sequential,
} from "@layerwise/layers";
import { asTfLayer, registerTfLayer } from "@layerwise/layers/tfjs";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { afterEach, describe, expect, test } from "vitest";
import { activationRows } from "./rows/activations.ts";
import { layerRows, spatialRows } from "./rows/index.ts";
import { alive, maxDifference } from "./setup.ts";

afterEach(() => tf.disposeVariables());

const xs = tf.tensor2d([0.5, -1, 2, 1, 0.25, -0.75, 1.5, -2, 0, 1, 1, -0.5], [4, 3]);
const ys = tf.tensor2d([1, -1, 0.5, 0], [4, 1]);

/** Subtracts a running mean in evaluation and the batch's in training: the least layer with state. */
const center = (weightOfBatch = 0.1): Layer<null, { readonly mean: tf.Tensor }> => ({
  kind: "center",
  init: (_, [size = 0]) => ({ params: null, state: { mean: tf.zeros([size]) } }),
  apply: ({ state }, x, { training = false } = {}) =>
    tf.tidy(() => {
      const mean = training ? tf.mean(x, 0) : state.mean;
      const step = tf.mul(tf.sub(mean, state.mean), weightOfBatch);
      return { y: tf.sub(x, mean), state: { mean: tf.add(state.mean, step) } };
    }),
  outputShape: (shape) => shape,
});

/** All that an adapter must keep: parameters, state, and random numbers. */
const net = () =>
  sequential({
    hidden: dense({ units: 4 }),
    center: center(),
    act: rrelu({ lower: 0.1, upper: 0.6 }),
    out: dense({ units: 1 }),
  });

const modelOf = (layer: tfl.layers.Layer): tfl.Sequential => {
  const model = tfl.sequential({ layers: [layer] });
  model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
  return model;
};

const fit = async (model: tfl.LayersModel, epochs: number): Promise<number[]> => {
  const config = { epochs, batchSize: 4, shuffle: false, verbose: 0 } as const;
  return ((await model.fit(xs, ys, config)).history.loss ?? []) as number[];
};

const numbers = (tensors: readonly tf.Tensor[]): number[][] =>
  tensors.map((t) => [...t.dataSync()]);

/** The same steps by our own autodiff and keys. */
function ownLoop(layer: Layer, seed: number, steps: number) {
  const [initKey, stepsKey] = random.split(random.key(seed));
  let { params, state } = layer.init(initKey, [3]);
  const losses: number[] = [];
  for (let t = 0; t < steps; t++) {
    const key = random.foldIn(stepsKey, t);
    const result = valueAndGradAux((p: TensorTree) => {
      const { y, state: aux } = layer.apply({ params: p, state }, xs, { key, training: true });
      return { value: tf.mean(tf.square(tf.sub(y, ys))), aux };
    })(params);
    params = treeMap(
      (p: tf.Tensor, g: tf.Tensor) => tf.sub(p, tf.mul(g, 0.1)),
      params,
      result.grad,
    ) as TensorTree;
    state = result.aux;
    losses.push(result.value.dataSync()[0] ?? Number.NaN);
  }
  return { params, state, losses };
}

test("fit trains as a loop of our own with the same keys, and leaves nothing behind", async () => {
  const model = modelOf(asTfLayer(net(), { seed: 7, inputShape: [3] }));
  const losses = await fit(model, 2);
  const before = alive();
  losses.push(...(await fit(model, 6)));
  expect(alive()).toBe(before);

  const own = ownLoop(net(), 7, 8);
  losses.forEach((loss, i) => {
    expect(Math.abs(loss - (own.losses[i] ?? Number.NaN))).toBeLessThan(1e-6);
  });
  const variables = { params: own.params, state: own.state };
  const want = net().apply(variables as never, xs).y;
  expect(maxDifference(model.predict(xs) as tf.Tensor, want.arraySync())).toBeLessThan(1e-6);
  expect(model.layers[0]?.getWeights().at(-1)?.dataSync()[0]).toBe(8);
});

test("weights: paths as names, parameters trained, state and step not", () => {
  const layer = asTfLayer(net(), { seed: 7, name: "net", inputShape: [3] });
  const model = tfl.sequential({ layers: [layer] });
  const names = (list: readonly tfl.LayerVariable[]) => list.map((w) => w.originalName);
  expect(names(layer.trainableWeights)).toEqual([
    "net/hidden.bias",
    "net/hidden.kernel",
    "net/out.bias",
    "net/out.kernel",
  ]);
  expect(names(layer.nonTrainableWeights)).toEqual(["net/state.center.mean", "net/step"]);
  expect(layer.weights.at(-1)?.read().dtype).toBe("int32");
  expect(model.outputs[0]?.shape).toEqual([null, 1]);
  expect(layer.countParams()).toBe(4 + 12 + 1 + 4 + 4 + 1);
  expect(model.countParams()).toBe(layer.countParams());

  const plain = asTfLayer(dense({ units: 2 }), { seed: 0, inputShape: [3] });
  tfl.sequential({ layers: [plain] });
  expect(plain.weights).toHaveLength(2);
  const given = [tf.tensor1d([1, 2]), tf.ones([3, 2])];
  plain.setWeights(given);
  expect(numbers(plain.getWeights())).toEqual(numbers(given));
  expect((plain.apply(tf.ones([1, 3])) as tf.Tensor).dataSync().join()).toBe("4,5");
});

test("state and step move in training only, where the layer is not trainable too", async () => {
  for (const trainable of [true, false]) {
    const layer = asTfLayer(net(), { seed: 1, trainable, inputShape: [3] });
    const model = tfl.sequential({ layers: [layer, tfl.layers.dense({ units: 1 })] });
    model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    const values = () =>
      Object.fromEntries(
        layer.weights.map((w) => [w.originalName.replace(/.*\//, ""), `${w.read()}`]),
      );
    const start = values();
    model.predict(xs);
    model.evaluate(xs, ys, { batchSize: 4 });
    expect(values()).toEqual(start);
    await fit(model, 1);
    const moved = Object.keys(start)
      .filter((name) => values()[name] !== start[name])
      .sort();
    const params = trainable ? ["hidden.kernel", "out.bias", "out.kernel"] : [];
    expect(moved.filter((name) => name !== "hidden.bias")).toEqual([
      ...params,
      "state.center.mean",
      "step",
    ]);
  }
});

describe("gradients on tfjs's tape are those of grad", () => {
  // tfjs's own tape has no gradient of comparisons: most of these throw on it when applied eagerly.
  test.each(["relu6", "hardTanh", "celu", "gelu", "mish", "softShrink"] as const)("%s", (name) => {
    const f = activation(name);
    const layer = asTfLayer(f, { seed: 0 });
    const x = tf.tensor2d([-1000, -50, -1.3, -0.4, 0, 0.3, 1.1, 7, 50, 1000], [2, 5]);
    const w = tf.tensor2d([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [2, 5]);
    const loss = (v: tf.Tensor): tf.Scalar =>
      tf.sum(tf.mul(w, tf.square(layer.apply(v) as tf.Tensor)));
    const own = (v: tf.Tensor): tf.Scalar =>
      tf.sum(tf.mul(w, tf.square(f.apply({ params: null, state: null }, v).y)));
    const first = grad(own)(x);
    expect(maxDifference(tf.grad(loss)(x), first.arraySync())).toBe(0);
    const second = grad((v: tf.Tensor) => tf.sum(grad(own)(v)))(x);
    const again = tf.grad((v) => tf.sum(tf.grad(loss)(v)))(x);
    expect(maxDifference(again, second.arraySync())).toBeLessThan(1e-4);
  });

  test("of whole numbers: an embedding first", async () => {
    const table = asTfLayer(embedding({ vocabulary: 5, units: 2 }), {
      seed: 0,
      inputShape: [3],
      dtype: "int32",
    });
    const pool = asTfLayer(globalAveragePool(), { seed: 1 });
    const model = tfl.sequential({ layers: [table, pool] });
    model.compile({ optimizer: tf.train.sgd(1), loss: "meanSquaredError" });
    const [before] = numbers(table.getWeights());
    const ids = tf.tensor2d([0, 1, 1, 4, 4, 4], [2, 3], "int32");
    await model.fit(ids, tf.ones([2, 2]), { epochs: 1, verbose: 0 });
    const [after] = numbers(table.getWeights());
    const rows = [0, 1, 2, 3, 4].filter((row) => before?.[2 * row] !== after?.[2 * row]);
    expect(rows).toEqual([0, 1, 4]);
    expect(table.weights).toHaveLength(1);
  });
});

test("a training step of tfjs-layers compiled as a whole is the same step", async () => {
  const [eager, whole] = [0, 1].map(() => modelOf(asTfLayer(net(), { seed: 7, inputShape: [3] })));
  if (eager === undefined || whole === undefined) throw new Error("two models");
  // The function that runs for one batch; it is not in the types of tfjs-layers.
  const { model } = whole as unknown as {
    readonly model: { makeTrainFunction(): (data: tf.Tensor[]) => tf.Scalar[] };
  };
  const train = model.makeTrainFunction();
  const step = compile((x: tf.Tensor, y: tf.Tensor) => train([x, y]));
  for (let i = 0; i < 3; i++) {
    const [loss = Number.NaN] = await fit(eager, 1);
    expect(Math.abs((step(xs, ys)[0]?.dataSync()[0] ?? Number.NaN) - loss)).toBeLessThan(1e-6);
  }
  eager.getWeights().forEach((weight, i) => {
    expect(maxDifference(whole.getWeights()[i] as tf.Tensor, weight.arraySync())).toBeLessThan(
      1e-6,
    );
  });
  expect(step.traces).toBe(1);
});

test.each([...layerRows, ...spatialRows, ...activationRows])(
  "$name is the same layer there",
  (row) => {
    const { make, inputShape, vocabulary, needsKey = false } = row;
    const layer = make();
    const [initKey, stepsKey] = random.split(random.key(3));
    const variables = layer.init(initKey, inputShape);
    const drawn = random.normal(random.key(4), [2, ...inputShape]);
    const whole = tf.mod(
      tf.cast(tf.mul(tf.abs(drawn), 100), "int32"),
      tf.scalar(vocabulary ?? 1, "int32"),
    );
    const x = vocabulary === undefined ? drawn : whole;
    const adapted = asTfLayer(layer, { seed: 3 });
    const key = random.foldIn(stepsKey, 0);
    for (const options of [{ training: false }, { training: true, key }]) {
      const want = layer.apply(variables, x, options).y;
      const got = adapted.apply(x, options) as tf.Tensor;
      expect(got.shape).toEqual(adapted.computeOutputShape(x.shape));
      const scale = Math.max(1, ...tf.abs(want).dataSync());
      expect(maxDifference(got, want.arraySync()) / scale).toBeLessThan(1e-6);
    }
    const counted = adapted.weights.some((weight) => weight.originalName.endsWith("/step"));
    expect(counted).toBe(needsKey);
  },
);

test("functional models, shared layers, and disposal", () => {
  const before = alive();
  const shared = asTfLayer(dense({ units: 2 }), { seed: 3 });
  const [a, b] = [tfl.input({ shape: [3] }), tfl.input({ shape: [3] })];
  const sum = tfl.layers.add().apply([shared.apply(a), shared.apply(b)] as tfl.SymbolicTensor[]);
  const model = tfl.model({ inputs: [a, b], outputs: sum as tfl.SymbolicTensor });
  expect(model.trainableWeights).toHaveLength(2);
  tf.tidy(() => {
    const y = model.predict([xs, tf.neg(xs)]) as tf.Tensor;
    expect(maxDifference(y, tf.zeros([4, 2]).arraySync())).toBeLessThan(1e-6);
  });
  model.dispose();
  shared.dispose(); // once for each of its two uses

  const noisy = asTfLayer(net(), { seed: 1 });
  tf.tidy(() => {
    noisy.apply(xs, { training: true });
    noisy.apply(xs);
  });
  noisy.dispose();
  expect(alive()).toBe(before);
});

describe("files", () => {
  type Options = { readonly units: number; readonly innerAct: "relu6" | "logSigmoid" };
  const factory = ({ units, innerAct }: Options): Layer =>
    sequential({
      hidden: dense({ units }),
      center: center(),
      act: activation(innerAct),
      noise: rrelu(),
      out: dense({ units: 1 }),
    });
  const config = { units: 4, innerAct: "logSigmoid" } as const;

  test("a saved and loaded model goes on as if it had never stopped", async () => {
    const make = registerTfLayer("noisyNet", factory);
    const model = modelOf(make(config, { seed: 5, inputShape: [3] }));
    await fit(model, 3);
    let artifacts: tf.io.ModelArtifacts = {};
    await model.save(
      tf.io.withSaveHandler(async (given) => {
        artifacts = given;
        return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" } };
      }),
    );
    const straight = await fit(model, 3);
    const end = numbers(model.getWeights());

    // What a file holds: text and bytes.
    const modelTopology = JSON.parse(JSON.stringify(artifacts.modelTopology));
    const loaded = await tfl.loadLayersModel(tf.io.fromMemory({ ...artifacts, modelTopology }));
    expect(loaded.layers[0]?.name).toBe(model.layers[0]?.name);
    loaded.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
    expect(await fit(loaded, 3)).toEqual(straight);
    expect(numbers(loaded.getWeights())).toEqual(end);
  });

  test("topology alone gives the same fresh model", async () => {
    const make = registerTfLayer("noisyNet", factory);
    const model = modelOf(make(config, { seed: 5, inputShape: [3] }));
    const copy = await tfl.models.modelFromJSON(JSON.parse(model.toJSON() as string));
    expect(numbers(copy.getWeights())).toEqual(numbers(model.getWeights()));
    const layer = model.layers[0];
    expect(layer?.getClassName()).toBe("noisyNet");
    expect(copy.layers[0]?.getConfig()).toEqual(layer?.getConfig());
  });

  test("options may have capitals and underscores, or be absent", async () => {
    const seen: unknown[] = [];
    const make = registerTfLayer("recorder", (options?: object) => {
      seen.push(options);
      return dense({ units: 1 });
    });
    const odd = { Camel_Snake: ["_X y", 1e300, { aB: null, "": true }], "\\u0041": "Ä\n" };
    for (const options of [odd, undefined, {}]) {
      const model = modelOf(make(options, { seed: 0, inputShape: [3] }));
      await tfl.models.modelFromJSON(JSON.parse(model.toJSON() as string));
      expect(seen.splice(0)).toEqual([options, options]);
    }
  });

  test("errors say what to do", async () => {
    const model = modelOf(asTfLayer(net(), { seed: 0, name: "net", inputShape: [3] }));
    expect(() => model.toJSON()).toThrow(
      "net (sequential): a layer is code, which no file can hold; make it with registerTfLayer(name, factory)",
    );
    const make = registerTfLayer("tooMuch", (_: unknown) => dense({ units: 1 }));
    const bad = [{ init: () => 0 }, { rate: Number.POSITIVE_INFINITY }, { w: xs }, () => 0];
    const parts = ['"init"', '"rate"', '"w"', "options"];
    bad.forEach((options, i) => {
      expect(() => make(options, { seed: 0 })).toThrow(`tooMuch: expected ${parts[i]} that JSON`);
    });
    for (const name of ["a b", "Dense", ""]) {
      expect(() => registerTfLayer(name, net)).toThrow("letters and digits that starts in lower");
    }
    const text = (model.layers[0] as tfl.layers.Layer).getClassName();
    const unknown = { class_name: text, config: {} };
    const json = { class_name: "Sequential", config: { layers: [unknown] } };
    await expect(tfl.models.modelFromJSON(json as never)).rejects.toThrow("Unknown layer");
  });
});

test("errors name the layer of the model, then ours", () => {
  const layer = asTfLayer(sequential({ out: dense({ units: 1 }) }), { seed: 0, name: "top" });
  tfl.sequential({ layers: [tfl.layers.inputLayer({ inputShape: [3] }), layer] });
  expect(() => layer.apply(tf.ones([2, 4]))).toThrow(/^top\.out \(dense\): .*4/);
  const fresh = () => asTfLayer(dense({ units: 1 }), { seed: 0, name: "top" });
  expect(() => fresh().apply(tfl.input({ shape: [null, 3] }))).toThrow(
    "top (dense): expected an input of known shape, got [null, 3]",
  );
  const two = [tfl.input({ shape: [3] }), tfl.input({ shape: [3] })];
  expect(() => fresh().apply(two)).toThrow("top (dense): expected one input, got 2");
  for (const seed of [-1, 0.5, Number.NaN]) {
    expect(() => asTfLayer(dense({ units: 1 }), { seed })).toThrow(LayerError);
  }
  // @ts-expect-error A seed is needed.
  expect(() => asTfLayer(dense({ units: 1 }), {})).toThrow("expected a seed");
});
