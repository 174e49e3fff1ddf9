import { grad, random, treeLeaves } from "@layerwise/autodiff";
import {
  type AutoencoderParams,
  type AutoencoderVariables,
  basicAutoencoder,
  denoisingAutoencoder,
  masking,
  squaredError,
} from "@layerwise/autoencoders";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { expect, test } from "vitest";

const [ROWS, INPUTS, UNITS] = [3, 5, 4];
const x = random.uniform(random.key(3), [ROWS, INPUTS]) as tf.Tensor2D;

type Matrix = number[][];
const matrix = (t: tf.Tensor): Matrix => t.arraySync() as Matrix;
const sigmoid = (a: number): number => 1 / (1 + Math.exp(-a));

/** Kernel and biases of a model with one hidden layer; V is undefined where weights are tied. */
const parts = ({ params }: AutoencoderVariables) => {
  const { dense } = params.encoder as { dense: { kernel: tf.Tensor; bias: tf.Tensor } };
  const { kernel, bias } = params.decoder as { kernel?: tf.Tensor; bias: tf.Tensor };
  return {
    w: matrix(dense.kernel),
    b: dense.bias.arraySync() as number[],
    v: kernel && matrix(kernel),
    c: bias.arraySync() as number[],
  };
};

/** The definition in float64: mean over rows of Σ −x ln r − (1 − x) ln (1 − r), or of Σ (o − x)². */
function lossOf(
  { w, b, v, c }: ReturnType<typeof parts>,
  rows: Matrix,
  kind: "bernoulli" | "squaredError",
): number {
  const losses = rows.map((row) => {
    const h = b.map((bias, j) =>
      sigmoid(row.reduce((sum, xi, i) => sum + xi * (w[i]?.[j] ?? 0), bias)),
    );
    return row.reduce((total, xi, i) => {
      const o = h.reduce((sum, hj, j) => sum + hj * ((v ? v[j]?.[i] : w[i]?.[j]) ?? 0), c[i] ?? 0);
      const r = sigmoid(o);
      const bernoulli = -xi * Math.log(r) - (1 - xi) * Math.log(1 - r);
      return total + (kind === "bernoulli" ? bernoulli : (o - xi) ** 2);
    }, 0);
  });
  return losses.reduce((a, l) => a + l, 0) / losses.length;
}

const models = [
  { kind: "bernoulli", tied: true, model: basicAutoencoder({ units: UNITS }) },
  { kind: "bernoulli", tied: false, model: basicAutoencoder({ units: UNITS, tied: false }) },
  {
    kind: "squaredError",
    tied: true,
    model: basicAutoencoder({ units: UNITS, reconstruction: squaredError }),
  },
] as const;

// Oracle: the formula in float64, on the model's own float32 numbers.
test.for(models)("the loss of $kind, tied $tied, is its definition", ({ model, kind }) => {
  const variables = model.init(random.key(1), [INPUTS]);
  const { loss, terms } = model.loss(variables, x);
  // float32 has 24 bits: 6e-8 relative in each of some tens of operations.
  expect(loss.arraySync()).toBeCloseTo(lossOf(parts(variables), matrix(x), kind), 5);
  expect(terms.reconstruction.arraySync()).toBe(loss.arraySync());
});

// Oracle: central differences of the float64 formula; their error is about 1e-9 at this step.
test.for(models)(
  "the gradient of $kind, tied $tied, is that of the definition",
  ({ model, kind }) => {
    const variables = model.init(random.key(1), [INPUTS]);
    const gradient = grad(
      (params: AutoencoderParams) => model.loss({ ...variables, params }, x).loss,
    )(variables.params);
    const { w, ...rest } = parts(variables);
    const { dense } = gradient.encoder as unknown as { dense: { kernel: tf.Tensor } };
    const step = 1e-5;
    const differences = w.map((row, i) =>
      row.map((_, j) => {
        const at = (shift: number): number => {
          const moved = w.map((r, k) =>
            r.map((value, l) => value + (k === i && l === j ? shift : 0)),
          );
          return lossOf({ w: moved, ...rest }, matrix(x), kind);
        };
        return expect.closeTo((at(step) - at(-step)) / (2 * step), 5);
      }),
    );
    expect(matrix(dense.kernel)).toEqual(differences);
  },
);

// Oracle: the chain rule, dL/dW = dL/dW(encoder) + dL/dV(decoder)ᵀ at V = Wᵀ.
test("the gradient of a tied kernel is the sum of those of its two uses", () => {
  const [tied, untied] = [true, false].map((t) => basicAutoencoder({ units: UNITS, tied: t }));
  if (!tied || !untied) throw new Error("models");
  const variables = tied.init(random.key(1), [INPUTS]);
  const { dense } = variables.params.encoder as { dense: { kernel: tf.Tensor2D } };
  const { bias } = variables.params.decoder as { bias: tf.Tensor };
  const free: AutoencoderParams = {
    encoder: variables.params.encoder,
    decoder: { kernel: tf.transpose(dense.kernel), bias },
  };
  const gradient = (model: typeof tied, params: AutoencoderParams) =>
    grad((p: AutoencoderParams) => model.loss({ ...variables, params: p }, x).loss)(params) as {
      encoder: { dense: { kernel: tf.Tensor } };
      decoder: { kernel: tf.Tensor };
    };
  const both = gradient(untied, free);
  const sum = tf.add(both.encoder.dense.kernel, tf.transpose(both.decoder.kernel));
  const { kernel } = gradient(tied, variables.params).encoder.dense;
  // The same float32 products, added in another order.
  expect(matrix(kernel)).toEqual(matrix(sum).map((row) => row.map((v) => expect.closeTo(v, 6))));
});

test("in training the encoder sees the corrupted input and the loss the clean one", () => {
  const model = denoisingAutoencoder({ units: UNITS, corruption: (_, t) => tf.zerosLike(t) });
  const variables = model.init(random.key(1), [INPUTS]);
  const key = random.key(2);
  const { loss } = model.loss(variables, x, { key, training: true });
  // Oracle: with every input 0 the code is σ(b) for all rows.
  const code = tf.tile(model.encode(variables, tf.zeros([1, INPUTS])), [ROWS, 1]);
  const r = model.decode(variables, code);
  const each = tf.add(tf.mul(x, tf.log(r)), tf.mul(tf.sub(1, x), tf.log(tf.sub(1, r))));
  expect(loss.arraySync()).toBeCloseTo((-tf.sum(each).arraySync() as number) / ROWS, 5);
  const { loss: clean } = model.loss(variables, x, { key });
  expect(clean.arraySync()).toBe(model.loss(variables, x).loss.arraySync());
});

test("a corruption without a key is an error, and so are inputs of another width", () => {
  const model = denoisingAutoencoder({ units: UNITS, corruption: masking(0.5) });
  const variables = model.init(random.key(1), [INPUTS]);
  expect(() => model.loss(variables, x, { training: true })).toThrow(
    "autoencoder: the corruption needs a key in training",
  );
  expect(() => model.encode(variables, tf.zeros([2, 7]))).toThrow(
    "dense (dense): expected input [batch, ..., 5], got [2, 7]",
  );
});

test("every function returns fresh tensors and frees the rest", () => {
  const model = denoisingAutoencoder({ units: UNITS, corruption: masking(0.5) });
  const key = random.key(1);
  const variables = model.init(key, [INPUTS]);
  const live = tf.memory().numTensors;
  const made: tf.Tensor[] = [
    model.encode(variables, x),
    model.reconstruct(variables, x),
    model.corrupt(key, x),
    model.loss(variables, x, { key, training: true }).loss,
  ];
  // The loss comes with its one term.
  expect(tf.memory().numTensors).toBe(live + made.length + 1);
  expect(treeLeaves<AutoencoderVariables, tf.Tensor>(variables).some((t) => t.isDisposed)).toBe(
    false,
  );
});
