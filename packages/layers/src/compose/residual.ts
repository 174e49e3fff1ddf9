import { constant as exact, random, type TensorTree, treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { add, clone, mul } from "@tensorflow/tfjs-core";
import type { Layer, LayerContainer, Shape } from "../core/layer.ts";
import { LayerError, showShape } from "../core/layer-error.ts";
import { applyChild, initChildren, type NamedLayer } from "./children.ts";

/** Options of {@link residual}. */
export interface ResidualOptions<Params extends TensorTree, State extends TensorTree> {
  /** The layer on the way around the body. Default: none, x itself. */
  readonly shortcut?: Layer<Params, State> | undefined;
  /** The start of a trained factor on the body's output; 0 is SkipInit and ReZero. Default: no factor. */
  readonly gain?: number | undefined;
}

/** The parameters of {@link residual}. */
export type ResidualParams<Body extends TensorTree, Shortcut extends TensorTree> = {
  readonly body: Body;
  readonly shortcut: Shortcut;
  readonly gain: Scalar | null;
};

/** The state of {@link residual}. */
export type ResidualState<Body extends TensorTree, Shortcut extends TensorTree> = {
  readonly body: Body;
  readonly shortcut: Shortcut;
};

/**
 * Adds the input to a layer's output: y = shortcut(x) + gain · body(x).
 *
 * The two must have one shape: where the body changes it, give a `shortcut` that does the same.
 * `gain` is a trained scalar, absent by default; from 0 the block starts as the shortcut alone, which
 * lets deep networks train without normalization.
 *
 * References: He et al., 2015, https://arxiv.org/abs/1512.03385; De and Smith (SkipInit), 2020,
 * https://arxiv.org/abs/2002.10444; Bachlechner et al. (ReZero), 2020,
 * https://arxiv.org/abs/2003.04887.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { dense, residual } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const block = residual(dense({ units: 4 }), { gain: 0 });
 * const variables = block.init(random.key(0), [4]);
 * const { y } = block.apply(variables, tf.ones([1, 4]));
 * if (y.dataSync().join() !== "1,1,1,1") throw new Error(String(y));
 * ```
 */
export function residual<
  Params extends TensorTree,
  State extends TensorTree,
  ShortcutParams extends TensorTree = null,
  ShortcutState extends TensorTree = null,
>(
  body: Layer<Params, State>,
  { shortcut, gain }: ResidualOptions<ShortcutParams, ShortcutState> = {},
): LayerContainer<ResidualParams<Params, ShortcutParams>, ResidualState<State, ShortcutState>> {
  const kind = "residual";
  if (gain !== undefined && !Number.isFinite(gain)) {
    throw new LayerError(kind, `expected a finite gain, got ${gain}`);
  }
  const bodyEntry: NamedLayer = ["body", body as unknown as Layer];
  const around: readonly NamedLayer[] =
    shortcut === undefined ? [] : [["shortcut", shortcut as unknown as Layer]];
  const entries = [bodyEntry, ...around];

  const outputShape = (inputShape: Shape): Shape => {
    const shape = body.outputShape(inputShape);
    const other = shortcut === undefined ? inputShape : shortcut.outputShape(inputShape);
    if (showShape(shape) === showShape(other)) return shape;
    const wanted = `expected the body to give the ${shortcut ? "shortcut's" : "input's"} shape`;
    throw new LayerError(kind, `${wanted} ${showShape(other)}, got ${showShape(shape)}`);
  };

  const init = (key: Tensor, inputShape: Shape): unknown =>
    treeTidy(() => {
      outputShape(inputShape);
      const { params, state } = initChildren(key, entries, () => inputShape);
      const factor = gain === undefined ? null : clone(exact(gain));
      return {
        params: { shortcut: null, ...(params as object), gain: factor },
        state: { shortcut: null, ...(state as object) },
      };
    });

  const apply: Layer["apply"] = (variables, x, { key, training } = {}) =>
    treeTidy(() => {
      outputShape(x.shape.slice(1));
      const [bodyKey, shortcutKey] = key === undefined ? [] : random.split(key);
      const inner = applyChild(bodyEntry, variables, x, { key: bodyKey, training });
      const outer = around.map((entry) =>
        applyChild(entry, variables, x, { key: shortcutKey, training }),
      )[0];
      const factor = (variables.params as ResidualParams<null, null>).gain;
      const branch = factor === null ? inner.y : mul(inner.y, factor);
      return {
        y: add(outer?.y ?? x, branch),
        state: { body: inner.state, shortcut: outer?.state ?? null },
      };
    });

  return Object.freeze({
    kind,
    init,
    apply,
    outputShape,
    cost: (inputShape: Shape) => {
      const activations = outputShape(inputShape).reduce((a, b) => a * b, 1);
      return { flops: gain === undefined ? activations : 2 * activations, activations };
    },
    parts: (inputShape: Shape) => entries.map(([name, layer]) => ({ name, layer, inputShape })),
    mapLayers: (fn: (child: Layer, name: string) => Layer) => {
      const [mapped, mappedAround] = entries.map(([name, layer]) => fn(layer, name));
      return residual(mapped as Layer, { shortcut: mappedAround, gain });
    },
  }) as unknown as LayerContainer<
    ResidualParams<Params, ShortcutParams>,
    ResidualState<State, ShortcutState>
  >;
}
