import { constant as exact } from "@layerwise/autodiff";
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import { add, concat, div, fill, log, mean, mul, reshape, sub, tidy } from "@tensorflow/tfjs-core";
import type { Shape } from "../core/layer.ts";
import { LayerError, showShape } from "../core/layer-error.ts";
import { constant } from "./distributions.ts";
import type { Initializer } from "./fans.ts";

/**
 * Makes the initializer of an LSTM's bias [4 units]: `value` for the forget gate, 0 for the others.
 *
 * Gates lie in the order input, forget, cell, output, as in Keras, tfjs and PyTorch. With PyTorch's
 * two biases give it to one of them.
 *
 * Reference: Jozefowicz, Zaremba and Sutskever, 2015, https://proceedings.mlr.press/v37/jozefowicz15.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { forgetBias } from "@layerwise/layers";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const bias = forgetBias()(random.key(0), [8]);
 * if (bias.dataSync().join() !== "0,0,1,1,0,0,0,0") throw new Error(String(bias));
 * ```
 */
export function forgetBias({ value = 1 }: { readonly value?: number } = {}): Initializer {
  return (_key, shape) =>
    tidy(() => {
      const units = (shape[0] ?? 0) / 4;
      if (shape.length !== 1 || !Number.isInteger(units)) {
        throw new LayerError("forgetBias", `expected a shape [4 units], got ${showShape(shape)}`);
      }
      return concat([fill([units], 0), fill([units], value), fill([2 * units], 0)]);
    });
}

/**
 * Makes the initializer of an output bias under which the network starts by predicting a frequency:
 * log(p / (1 − p)), for sigmoid outputs.
 *
 * A number for all outputs, or one for each. With rare events the first steps of training otherwise
 * do nothing but learn the bias; Lin et al., 2017, https://arxiv.org/abs/1708.02002, take p = 0.01.
 *
 * @example
 * ```ts
 * import { dense, priorBias } from "@layerwise/layers";
 *
 * const layer = dense({ units: 1, biasInit: priorBias(0.01) });
 * ```
 */
export function priorBias(probability: number | readonly number[]): Initializer {
  const list = typeof probability === "number" ? [probability] : probability;
  const wrong = list.find((p) => !(p > 0 && p < 1));
  if (wrong !== undefined) {
    throw new LayerError("priorBias", `expected probabilities in (0, 1), got ${wrong}`);
  }
  const logits = list.map((p) => Math.log(p / (1 - p)));
  if (typeof probability === "number") return constant(logits[0] ?? 0);
  return (_key, shape) => perOutput("priorBias", logits, shape);
}

/**
 * Makes the initializer of an output bias under which a softmax starts by predicting frequencies:
 * log p, for as many classes as outputs. Frequencies need not sum to 1.
 *
 * @example
 * ```ts
 * import { classPriorBias, dense } from "@layerwise/layers";
 *
 * const layer = dense({ units: 3, biasInit: classPriorBias([900, 90, 10]) });
 * ```
 */
export function classPriorBias(frequencies: readonly number[]): Initializer {
  const total = frequencies.reduce((a, b) => a + b, 0);
  const wrong = frequencies.find((p) => !(p > 0 && p < Infinity));
  if (wrong !== undefined || frequencies.length === 0) {
    throw new LayerError("classPriorBias", `expected positive frequencies, got ${wrong ?? "none"}`);
  }
  const logits = frequencies.map((p) => Math.log(p / total));
  return (_key, shape) => perOutput("classPriorBias", logits, shape);
}

/** Options of {@link visibleBias}. */
export interface VisibleBiasOptions {
  /** How many cases of 0 and of 1 to count beside the data, so that no bias is infinite. Default 1. */
  readonly smoothing?: number | undefined;
}

/**
 * The visible bias of an RBM on binary data: log(p / (1 − p)) of how often each unit is on.
 *
 * `data` [cases, ...features] with values in [0, 1]; result [features]. p is (on + s) / (cases + 2 s)
 * with `smoothing` s. For a `biasInit` see {@link copyOf}.
 *
 * Reference: Hinton, A Practical Guide to Training Restricted Boltzmann Machines, 2010, section 8.1,
 * https://www.cs.toronto.edu/~hinton/absps/guideTR.pdf.
 *
 * @example
 * ```ts
 * import { visibleBias } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const bias = visibleBias(tf.tensor2d([[1, 0], [1, 0]])); // log 3, −log 3
 * if (Math.abs((bias.dataSync()[0] ?? 0) - Math.log(3)) > 1e-6) throw new Error(String(bias));
 * ```
 */
export function visibleBias(data: Tensor, { smoothing = 1 }: VisibleBiasOptions = {}): Tensor1D {
  const [cases = 0] = data.shape;
  if (data.rank < 2 || cases === 0) {
    const got = showShape(data.shape);
    throw new LayerError("visibleBias", `expected data [cases, ...features], got ${got}`);
  }
  return tidy(() => {
    const on = mul(mean(reshape(data, [cases, -1]), 0), cases);
    const [lit, dark] = [add(on, exact(smoothing)), add(sub(cases, on), exact(smoothing))];
    return log(div(lit, dark)) as Tensor1D;
  });
}

function perOutput(kind: string, values: readonly number[], shape: Shape): Tensor {
  if (showShape(shape) !== showShape([values.length])) {
    const wanted = `expected a bias [${values.length}], one for each frequency`;
    throw new LayerError(kind, `${wanted}, got ${showShape(shape)}`);
  }
  return tidy(() => concat(values.map((value) => reshape(exact(value), [1]))));
}
