import { random, treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { clone } from "@tensorflow/tfjs-core";
import type { Layer, ParamsOf, Shape, StateOf } from "../core/layer.ts";
import { atPath, LayerError } from "../core/layer-error.ts";

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
  extends Layer<SequentialParams<L>, SequentialState<L>> {
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
  const entries = Object.entries<Layer>(layers as { readonly [name: string]: Layer });
  if (!Array.isArray(layers)) for (const [name] of entries) checkName(name);

  const init = (key: Tensor, inputShape: Shape): unknown =>
    treeTidy(() => {
      const keys = splitKey(key, entries.length);
      let shape = inputShape;
      const made = entries.map(([name, layer], i) =>
        atPath(name, layer.kind, () => {
          const variables = layer.init(keys[i] as Tensor, shape);
          shape = layer.outputShape(shape);
          return [name, variables] as const;
        }),
      );
      return {
        params: Object.fromEntries(made.map(([name, { params }]) => [name, params])),
        state: Object.fromEntries(made.map(([name, { state }]) => [name, state])),
      };
    });

  const apply: Layer["apply"] = (variables, x, { key, training } = {}) =>
    treeTidy(() => {
      const params = variables.params as { readonly [name: string]: never };
      const state = variables.state as { readonly [name: string]: never };
      const keys = key === undefined ? [] : splitKey(key, entries.length);
      let y = clone(x);
      const next = entries.map(([name, layer], i) => {
        const own = { params: params[name] as never, state: state[name] as never };
        const result = atPath(name, layer.kind, () => {
          if (own.params === undefined || own.state === undefined) {
            const names = Object.keys(params).join(", ") || "none";
            const wanted = `expected variables named ${JSON.stringify(name)}`;
            throw new LayerError(layer.kind, `${wanted}, got ${names}`);
          }
          return layer.apply(own, y, { key: keys[i], training });
        });
        y = result.y;
        return [name, result.state];
      });
      return { y, state: Object.fromEntries(next) };
    });

  const outputShape = (inputShape: Shape): Shape =>
    entries.reduce(
      (shape, [name, layer]) => atPath(name, layer.kind, () => layer.outputShape(shape)),
      inputShape,
    );

  return Object.freeze({
    kind: "sequential",
    layers: Object.freeze(Object.fromEntries(entries)),
    init,
    apply,
    outputShape,
  }) as unknown as Sequential<L>;
}

function splitKey(key: Tensor, count: number): Tensor[] {
  return count === 0 ? [] : random.split(key, count);
}

// JavaScript moves whole-number keys to the front, so such names would change the order of layers.
function checkName(name: string): void {
  if (/^\d+$/.test(name) || name === "") {
    const wanted = "expected names that are not numbers (a list numbers its layers)";
    throw new LayerError("sequential", `${wanted}, got ${JSON.stringify(name)}`);
  }
}
