import { treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { clone } from "@tensorflow/tfjs-core";
import { checkNames } from "../core/check.ts";
import type { Layer, LayerContainer, ParamsOf, Shape, StateOf } from "../core/layer.ts";
import { atPath } from "../core/layer-error.ts";
import { applyChild, initChildren, splitKey } from "./children.ts";

/** Layers to run one after the other: a list, or a record whose keys name them. */
export type LayerCollection = readonly Layer[] | { readonly [name: string]: Layer };

/** The keys of a record's layers, or `"0"`, `"1"`, … of a list's. */
export type LayerNames<L extends LayerCollection> = L extends readonly Layer[]
  ? number extends L["length"]
    ? `${number}`
    : Exclude<keyof L, keyof (readonly unknown[])>
  : keyof L;

type LayerAt<L extends LayerCollection, Name> = Extract<
  Name extends keyof L ? L[Name] : L[keyof L & number],
  Layer
>;

/** The parameters of {@link sequential}: those of its layers under their names. */
export type SequentialParams<L extends LayerCollection> = {
  readonly [Name in LayerNames<L>]: ParamsOf<LayerAt<L, Name>>;
};

/** The state of {@link sequential}: that of its layers under their names. */
export type SequentialState<L extends LayerCollection> = {
  readonly [Name in LayerNames<L>]: StateOf<LayerAt<L, Name>>;
};

/** A {@link sequential} layer, with its parts in order. */
export interface Sequential<L extends LayerCollection = LayerCollection>
  extends LayerContainer<SequentialParams<L>, SequentialState<L>> {
  readonly layers: { readonly [name: string]: Layer };
}

/**
 * Runs layers one after the other: each gets the output of the one before.
 *
 * Parameters and state are objects keyed by the record's names, or by `"0"`, `"1"`, … for a list.
 * Each layer gets its own key, split from the one given. Errors name the path of the layer that
 * failed: `encoder.0 (dense): expected input …`. An empty list is the identity.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { activation, dense, sequential } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const net = sequential({ hidden: dense({ units: 8 }), act: activation("tanh"), out: dense({ units: 1 }) });
 * const variables = net.init(random.key(0), [4]);
 * const { y } = net.apply(variables, tf.ones([2, 4]));
 * if (y.shape.join() !== "2,1") throw new Error(String(y.shape));
 * if (variables.params.hidden.kernel.shape.join() !== "4,8") throw new Error("kernel");
 * ```
 */
export function sequential<const L extends LayerCollection>(layers: L): Sequential<L> {
  checkNames("sequential", layers);
  const entries = Object.entries<Layer>(layers as { readonly [name: string]: Layer });

  // The shape before each layer, and the one after all of them.
  const shapesFrom = (inputShape: Shape): Shape[] => {
    const shapes = [inputShape];
    for (const [name, layer] of entries) {
      const before = shapes.at(-1) as Shape;
      shapes.push(atPath(name, layer.kind, () => layer.outputShape(before)));
    }
    return shapes;
  };

  const init = (key: Tensor, inputShape: Shape): unknown =>
    treeTidy(() => {
      const shapes = shapesFrom(inputShape);
      return initChildren(key, entries, (i) => shapes[i] as Shape);
    });

  const apply: Layer["apply"] = (variables, x, { key, training } = {}) =>
    treeTidy(() => {
      const keys = key === undefined ? [] : splitKey(key, entries.length);
      let y = clone(x);
      const next = entries.map((entry, i) => {
        const result = applyChild(entry, variables, y, { key: keys[i], training });
        y = result.y;
        return [entry[0], result.state];
      });
      return { y, state: Object.fromEntries(next) };
    });

  return Object.freeze({
    kind: "sequential",
    layers: Object.freeze(Object.fromEntries(entries)),
    init,
    apply,
    outputShape: (inputShape: Shape) => shapesFrom(inputShape).at(-1),
    parts: (inputShape: Shape) => {
      const shapes = shapesFrom(inputShape);
      return entries.map(([name, layer], i) => ({ name, layer, inputShape: shapes[i] as Shape }));
    },
    mapLayers: (fn: (child: Layer, name: string) => Layer) => {
      const mapped = entries.map(([name, layer]) => [name, fn(layer, name)] as const);
      return sequential(
        Array.isArray(layers) ? mapped.map(([, layer]) => layer) : Object.fromEntries(mapped),
      );
    },
  }) as unknown as Sequential<L>;
}
