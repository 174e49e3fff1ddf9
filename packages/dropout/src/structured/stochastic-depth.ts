import { random, type TensorTree, treeTidy } from "@layerwise/autodiff";
import type { Layer, LayerContainer } from "@layerwise/layers";
import { LayerError, showShape } from "@layerwise/layers";
import { add } from "@tensorflow/tfjs-core";
import { checkCount, checkRate, requireKey } from "../core/check.ts";
import type { StochasticLayer } from "../core/stochastic-layer.ts";
import { type DropPathOptions, dropSamples } from "./drop-path.ts";

/** The type of {@link stochasticDepth}'s layer: drawing noise itself, around another layer. */
export type StochasticDepth<Params extends TensorTree, State extends TensorTree> = StochasticLayer<
  Params,
  State
> &
  LayerContainer<Params, State>;

/**
 * A residual block whose branch is dropped at random: y = x + dropPath(branch(x)).
 *
 * The branch must keep the shape. Parameters and state are the branch's. In inference it is the
 * plain residual block x + branch(x). Options as {@link dropPath}.
 *
 * Reference: Huang et al., 2016, https://arxiv.org/abs/1603.09382.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { linearDropRates, stochasticDepth } from "@layerwise/dropout";
 * import { dense, sequential } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const blocks = linearDropRates(4, 0.2).map((rate) => stochasticDepth(dense({ units: 8 }), { rate }));
 * const net = sequential(blocks);
 * const variables = net.init(random.key(0), [8]);
 * const { y } = net.apply(variables, tf.ones([2, 8]), { training: true, key: random.key(1) });
 * if (y.shape.join() !== "2,8") throw new Error(String(y.shape));
 * ```
 */
export function stochasticDepth<Params extends TensorTree, State extends TensorTree>(
  branch: Layer<Params, State>,
  options: DropPathOptions,
): StochasticDepth<Params, State> {
  const kind = "stochasticDepth";
  checkRate(kind, options.rate);
  const checkShape: Layer["outputShape"] = (inputShape) => {
    const shape = branch.outputShape(inputShape);
    if (showShape(shape) === showShape(inputShape)) return inputShape;
    const wanted = `expected a branch that keeps the shape ${showShape(inputShape)}`;
    throw new LayerError(kind, `${wanted}, got ${showShape(shape)} (${branch.kind})`);
  };
  return Object.freeze({
    kind,
    stochastic: true,
    init: (key, inputShape) => {
      checkShape(inputShape);
      return branch.init(key, inputShape);
    },
    apply: (variables, x, { key, training = false } = {}) =>
      treeTidy(() => {
        checkShape(x.shape.slice(1));
        if (!training) {
          const { y, state } = branch.apply(variables, x, { key, training });
          return { y: add(x, y), state };
        }
        const [pathKey, branchKey] = random.split(requireKey(kind, key));
        const { y, state } = branch.apply(variables, x, { key: branchKey, training });
        return { y: add(x, dropSamples(pathKey, y, options)), state };
      }),
    outputShape: checkShape,
    // Without a name: the branch's variables are the block's.
    parts: (inputShape) => [{ name: "", layer: branch as unknown as Layer, inputShape }],
    mapLayers: (fn) =>
      stochasticDepth(
        fn(branch as unknown as Layer, "") as unknown as Layer<Params, State>,
        options,
      ),
  } satisfies StochasticDepth<Params, State>);
}

/** Options of {@link linearDropRates}. */
export interface LinearDropRatesOptions {
  /** The rate of the first block. Default 0, as timm; the paper begins at rate / depth. */
  readonly first?: number | undefined;
}

/**
 * Drop rates that rise linearly over the depth of a network, the last one being `rate`.
 *
 * A single block gets `first`, as numpy's `linspace` has it.
 *
 * @example
 * ```ts
 * import { linearDropRates } from "@layerwise/dropout";
 *
 * if (linearDropRates(3, 0.5).join() !== "0,0.25,0.5") throw new Error();
 * const paper = linearDropRates(2, 0.5, { first: 0.5 / 2 });
 * if (paper.join() !== "0.25,0.5") throw new Error();
 * ```
 */
export function linearDropRates(
  depth: number,
  rate: number,
  { first = 0 }: LinearDropRatesOptions = {},
): number[] {
  checkCount("linearDropRates", "blocks", depth);
  checkRate("linearDropRates", rate);
  checkRate("linearDropRates", first);
  const step = depth === 1 ? 0 : (rate - first) / (depth - 1);
  return Array.from({ length: depth }, (_, i) =>
    i === depth - 1 && depth > 1 ? rate : first + i * step,
  );
}
