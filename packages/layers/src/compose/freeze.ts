import { stopGradient, type TensorTree, treeMap, treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Layer, LayerContainer, Shape } from "../core/layer.ts";
import { type ParameterMask, spreadMask } from "./mask.ts";

/** Options of {@link freeze}. */
export interface FreezeOptions {
  /** What the layer is told in place of `training`: false keeps dropout and batch statistics off too. */
  readonly training?: boolean | undefined;
}

/**
 * The same layer with marked parameters held: their gradient is zero, and none is computed for them.
 *
 * `mask` is a tree of booleans, one of which may stand for a subtree, or a predicate of path and
 * tensor; by default all parameters are held. Variables stay those of `layer`, so that nothing moves
 * when freezing begins or ends. A zero gradient does not stop weight decay or momentum: give the same
 * mask to `freeze` of `@layerwise/optim`, last in the chain, or to its `partition`.
 *
 * @example
 * ```ts
 * import { grad, random } from "@layerwise/autodiff";
 * import { dense, freeze, sequential } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const net = sequential({ encoder: dense({ units: 3 }), head: dense({ units: 1 }) });
 * const { params, state } = net.init(random.key(0), [2]);
 * const tuned = freeze(net, { encoder: true, head: false });
 * const g = grad((p: typeof params) => tf.sum(tuned.apply({ params: p, state }, tf.ones([4, 2])).y))(params);
 * if (tf.max(tf.abs(g.encoder.kernel)).dataSync()[0] !== 0) throw new Error("the encoder moved");
 * if (g.head.bias?.dataSync()[0] !== 4) throw new Error(String(g.head.bias));
 * ```
 */
export function freeze<Params extends TensorTree, State extends TensorTree>(
  layer: Layer<Params, State>,
  mask: ParameterMask = true,
  { training }: FreezeOptions = {},
): LayerContainer<Params, State> {
  const held = (params: Params): Params => {
    const flags = spreadMask("freeze", mask, params);
    const stop = (leaf: Tensor, flag: unknown): Tensor => (flag ? stopGradient(leaf) : leaf);
    return treeMap(stop as (leaf: unknown, flag: unknown) => unknown, params, flags) as Params;
  };
  return Object.freeze({
    kind: "freeze",
    init: (key, inputShape) => layer.init(key, inputShape),
    apply: ({ params, state }, x, options = {}) =>
      treeTidy(() => {
        const told = training === undefined ? options : { ...options, training };
        return layer.apply({ params: held(params), state }, x, told);
      }),
    outputShape: (inputShape) => layer.outputShape(inputShape),
    parts: (inputShape: Shape) => [{ name: "", layer: layer as unknown as Layer, inputShape }],
    mapLayers: (fn) =>
      freeze(fn(layer as unknown as Layer, "") as unknown as Layer<Params, State>, mask, {
        training,
      }),
  } satisfies LayerContainer<Params, State>);
}
