import { type TensorTree, treeGet, treeSet, treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Layer, LayerContainer, Shape } from "../core/layer.ts";
import { LayerError, showShape } from "../core/layer-error.ts";

/** Where a tied parameter comes from: a path, or a path and what to make of the tensor there. */
export type TieSource =
  | string
  | { readonly from: string; readonly map: (source: Tensor) => Tensor };

type Below<Name, Paths extends string> = Paths extends `${Name & string}.${infer Rest}`
  ? Rest
  : never;

/** Parameters with `null` at the tied paths. */
export type TiedParams<Params, Paths extends string> = {
  readonly [Name in keyof Params]: Name extends Paths
    ? null
    : [Below<Name, Paths>] extends [never]
      ? Params[Name]
      : TiedParams<Params[Name], Below<Name, Paths>>;
};

/**
 * The same layer with parameters that are others, or functions of others: weight tying.
 *
 * `ties` maps the path of each tied parameter to its source. The tied places are `null` in the
 * parameters, so that an optimizer, a count or a file sees one tensor, and the gradient of the source
 * is the sum over its uses. Throws at `init` where the shapes do not fit.
 *
 * References: Vincent et al. (tied autoencoders), 2010, https://jmlr.org/papers/v11/vincent10a.html;
 * Press and Wolf (tied embeddings), 2016, https://arxiv.org/abs/1608.05859.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { dense, sequential, tie } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const autoencoder = tie(sequential({ encoder: dense({ units: 3 }), decoder: dense({ units: 8 }) }), {
 *   "decoder.kernel": { from: "encoder.kernel", map: (w) => tf.transpose(w) },
 * });
 * const { params } = autoencoder.init(random.key(0), [8]);
 * if (params.decoder.kernel !== null) throw new Error("tied");
 * ```
 */
export function tie<
  Params extends TensorTree,
  State extends TensorTree,
  const Ties extends { readonly [path: string]: TieSource },
>(
  layer: Layer<Params, State>,
  ties: Ties,
): LayerContainer<TiedParams<Params, keyof Ties & string> & TensorTree, State> {
  type Tied = TiedParams<Params, keyof Ties & string> & TensorTree;
  const links = Object.entries<TieSource>(ties).map(([path, source]) => {
    const [from, map] = typeof source === "string" ? [source] : [source.from, source.map];
    return { path, from, map: map ?? ((x: Tensor) => x) };
  });
  const chained = links.find(({ from }) => Object.hasOwn(ties, from));
  if (chained !== undefined) {
    const wanted = `expected ${JSON.stringify(chained.path)} to come from a parameter of its own`;
    throw new LayerError(
      "tie",
      `${wanted}, got ${JSON.stringify(chained.from)}, which is tied too`,
    );
  }

  const whole = (params: TensorTree): TensorTree =>
    links.reduce(
      (tree, { path, from, map }) => treeSet(tree, path, map(treeGet(params, from) as Tensor)),
      params,
    );

  const init = (key: Tensor, inputShape: Shape): unknown =>
    treeTidy(() => {
      const { params, state } = layer.init(key, inputShape);
      for (const { path, from, map } of links) {
        const [own, source] = [path, from].map((at) => treeGet(params, at) as Tensor);
        const given = showShape(map(source as Tensor).shape);
        if (given !== showShape((own as Tensor).shape)) {
          const wanted = `expected ${path} ${showShape((own as Tensor).shape)}`;
          throw new LayerError("tie", `${wanted}, got ${given} from ${from}`);
        }
      }
      const kept = links.reduce(
        (tree, { path }) => treeSet(tree, path, null),
        params as TensorTree,
      );
      return { params: kept, state };
    });

  return Object.freeze({
    kind: "tie",
    init: init as Layer<Tied, State>["init"],
    apply: ({ params, state }, x, options) =>
      treeTidy(() => layer.apply({ params: whole(params) as Params, state }, x, options)),
    outputShape: (inputShape) => layer.outputShape(inputShape),
    parts: (inputShape: Shape) => [{ name: "", layer: layer as unknown as Layer, inputShape }],
    mapLayers: (fn) =>
      tie(fn(layer as unknown as Layer, "") as unknown as Layer<Params, State>, ties),
  } satisfies LayerContainer<Tied, State>);
}
