import { compile, type Key, type TensorTree, treeMapWithPath, treeTidy } from "@layerwise/autodiff";
import type { AutoencoderVariables } from "@layerwise/autoencoders";
import {
  errorRate as batchErrorRate,
  dense,
  type Initializer,
  type Layer,
  type Shape,
  sequential,
  type Variables,
  zeros,
} from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import { checkAlive, checkLabels } from "./check.ts";
import { chunks } from "./encode.ts";
import { encoderPart } from "./greedy.ts";

/** Hidden layers with an output layer on top. */
export interface Classifier extends Layer {
  /** The hidden layers. Variables: `params.body`, by position. */
  readonly body: Layer;
  /** The output layer, giving logits. Variables: `params.head`. */
  readonly head: Layer;
}

/** Options of {@link classifier}. */
export interface ClassifierOptions {
  /** Hidden layers from the input upwards, for example the encoders of autoencoders. */
  readonly layers: readonly Layer[];
  readonly classes: number;
  /** Default {@link zeros}: the first predictions are uniform. */
  readonly headInit?: Initializer;
}

/**
 * A network for classification: hidden layers and a linear output layer.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { basicAutoencoder } from "@layerwise/autoencoders";
 * import { classifier } from "@layerwise/pretrain";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const net = classifier({ layers: [basicAutoencoder({ units: 5 }).encoder], classes: 3 });
 * const { y } = net.apply(net.init(random.key(0), [8]), tf.ones([2, 8]));
 * if (`${y.shape}` !== "2,3") throw new Error(`${y.shape}`);
 * ```
 */
export function classifier({ layers, classes, headInit = zeros }: ClassifierOptions): Classifier {
  const body = sequential([...layers]) as Layer;
  const head = dense({ units: classes, kernelInit: headInit }) as Layer;
  const whole = sequential({ body, head }) as Layer;
  return Object.freeze({ ...whole, kind: "classifier", body, head });
}

type Parts = { readonly body: TensorTree; readonly head: TensorTree };

/** Variables of one part of a classifier. */
export const partOf = (variables: Variables, part: "body" | "head"): Variables => ({
  params: (variables.params as Parts)[part],
  state: (variables.state as Parts)[part],
});

/** Variables of a classifier with one part replaced. */
export const withPart = (
  variables: Variables,
  part: "body" | "head",
  { params, state }: Variables,
): Variables => ({
  params: { ...(variables.params as Parts), [part]: params },
  state: { ...(variables.state as Parts), [part]: state },
});

/**
 * Fresh variables of a classifier whose first hidden layers are pre-trained: the output layer and
 * whatever lies above are initialised from `key`. Copies; borrows `pretrained`.
 *
 * Throws where a pre-trained layer has another shape than the classifier's.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { basicAutoencoder } from "@layerwise/autoencoders";
 * import { classifier, withPretrained } from "@layerwise/pretrain";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const [lower, upper] = [basicAutoencoder({ units: 6 }), basicAutoencoder({ units: 4 })];
 * const net = classifier({ layers: [lower.encoder, upper.encoder], classes: 2 });
 * // One layer is trained elsewhere; the one above and the output layer begin anew.
 * const trained = [lower.init(random.key(0), [8])];
 * const variables = withPretrained(net, random.key(1), [8], trained);
 * ```
 */
export function withPretrained(
  net: Classifier,
  key: Key,
  inputShape: Shape,
  pretrained: readonly AutoencoderVariables[],
): Variables {
  return treeTidy(() => {
    const fresh = net.init(key, inputShape);
    const body = partOf(fresh, "body");
    const layers = Object.keys(body.params as Record<string, TensorTree>).length;
    if (pretrained.length > layers) {
      throw new Error(
        `withPretrained: expected at most ${layers} pre-trained layers, got ${pretrained.length}`,
      );
    }
    const insert = (tree: TensorTree, part: "params" | "state"): TensorTree => ({
      ...(tree as Record<string, TensorTree>),
      ...Object.fromEntries(pretrained.map((v, i) => [`${i}`, encoderPart(v)[part]])),
    });
    const merged = withPart(fresh, "body", {
      params: insert(body.params, "params"),
      state: insert(body.state, "state"),
    });
    return copyLike(merged, fresh);
  });
}

function copyLike({ params, state }: Variables, model: Variables): Variables {
  const copied = (tree: TensorTree, like: TensorTree): TensorTree =>
    treeMapWithPath<TensorTree, tf.Tensor, [TensorTree], tf.Tensor>(
      (path, x, wanted) => {
        const { shape } = wanted as tf.Tensor;
        if (`${x.shape}` === `${shape}`) return tf.clone(x);
        throw new Error(`withPretrained: expected ${path} [${shape}], got [${x.shape}]`);
      },
      tree,
      like,
    );
  return { params: copied(params, model.params), state: copied(state, model.state) };
}

/**
 * Fraction of examples classified wrongly. `labels` are int32 class numbers [n].
 *
 * Throws where there are no examples, not as many labels, or a label is no class of `net`.
 *
 * @example
 * ```ts
 * import { dense, type Layer } from "@layerwise/layers";
 * import { errorRate } from "@layerwise/pretrain";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const net = dense({ units: 2, useBias: false }) as Layer;
 * const variables = { params: { kernel: tf.eye(2), bias: null }, state: null };
 * const x = tf.tensor2d([[1, 0], [0, 1]]);
 * const rate = await errorRate(net, variables, x, tf.tensor1d([0, 0], "int32"));
 * if (rate !== 0.5) throw new Error(`${rate}`);
 * ```
 */
export async function errorRate(
  net: Layer,
  variables: Variables,
  x: tf.Tensor,
  labels: tf.Tensor,
): Promise<number> {
  const count = x.shape[0] ?? 0;
  if (count === 0) {
    const given = `x [${x.shape.join(", ")}] and labels [${labels.shape.join(", ")}]`;
    throw new Error(`errorRate: expected at least 1 example, got ${given}`);
  }
  checkAlive("errorRate:", { x, labels, variables });
  await checkLabels("errorRate", labels, x, net.outputShape(x.shape.slice(1)).at(-1) ?? 1);
  const wrong = wrongCount(net, variables, x, labels);
  try {
    const [total] = await wrong.data();
    return (total ?? NaN) / count;
  } finally {
    wrong.dispose();
  }
}

function wrongCount(net: Layer, variables: Variables, x: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  const run = compile((v: Variables, piece: tf.Tensor, wanted: tf.Tensor) =>
    batchErrorRate(net.apply(v, piece).y, wanted),
  );
  const [count = 0, ...rest] = x.shape;
  try {
    return tf.tidy(() =>
      tf.addN(
        chunks(count).map(([start, size]) => {
          const piece = tf.slice(x, [start, ...rest.map(() => 0)], [size, ...rest]);
          return tf.mul(run(variables, piece, tf.slice(labels, [start], [size])), size);
        }),
      ),
    );
  } finally {
    run.dispose();
  }
}
