import { treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import { addN, concat } from "@tensorflow/tfjs-core";
import { checkNames } from "../core/check.ts";
import type { Layer, LayerContainer, Shape } from "../core/layer.ts";
import { atPath, LayerError, showShape } from "../core/layer-error.ts";
import { applyChild, initChildren, splitKey } from "./children.ts";
import type { LayerCollection, SequentialParams, SequentialState } from "./sequential.ts";

/** Options of {@link parallel}. */
export interface ParallelOptions {
  /** How the outputs become one. Default "concat". */
  readonly combine?: "sum" | "concat" | undefined;
  /** The axis of the tensor along which to join, negative from the end. Default −1: channels. */
  readonly axis?: number | undefined;
}

/**
 * Gives the same input to several layers and joins their outputs, along an axis or by their sum.
 *
 * Outputs must agree in shape, for "concat" up to the axis. Parameters, state, names and keys as in
 * `sequential`.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { dense, parallel } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const both = parallel({ wide: dense({ units: 5 }), narrow: dense({ units: 2 }) });
 * const { y } = both.apply(both.init(random.key(0), [4]), tf.ones([3, 4]));
 * if (y.shape.join() !== "3,7") throw new Error(String(y.shape));
 * ```
 */
export function parallel<const L extends LayerCollection>(
  layers: L,
  { combine = "concat", axis = -1 }: ParallelOptions = {},
): LayerContainer<SequentialParams<L>, SequentialState<L>> {
  const kind = "parallel";
  checkNames(kind, layers);
  const entries = Object.entries<Layer>(layers as { readonly [name: string]: Layer });
  if (entries.length === 0) throw new LayerError(kind, "expected at least one layer, got none");
  if (axis === 0 || !Number.isInteger(axis)) {
    throw new LayerError(kind, `expected a whole axis that is not the batch, got ${axis}`);
  }

  const outputShape = (inputShape: Shape): Shape => {
    const shapes = entries.map(([name, layer]) =>
      atPath(name, layer.kind, () => layer.outputShape(inputShape)),
    );
    const first = shapes[0] as Shape;
    // Shapes leave out the batch, which axis 0 is.
    const place = axis < 0 ? first.length + axis : axis - 1;
    const others = (shape: Shape): string =>
      showShape(combine === "sum" ? shape : shape.with(place, 0));
    const outside = combine === "concat" && (place < 0 || place >= first.length);
    if (outside || shapes.some((shape) => others(shape) !== others(first))) {
      const wanted = combine === "sum" ? "equal shapes" : `shapes equal except for axis ${axis}`;
      const got = shapes.map((shape, i) => `${entries[i]?.[0]} ${showShape(shape)}`).join(", ");
      throw new LayerError(kind, `expected outputs of ${wanted}, got ${got}`);
    }
    if (combine === "sum") return first;
    return first.with(
      place,
      shapes.reduce((sum, shape) => sum + (shape[place] ?? 0), 0),
    );
  };

  const apply: Layer["apply"] = (variables, x, { key, training } = {}) =>
    treeTidy(() => {
      outputShape(x.shape.slice(1));
      const keys = key === undefined ? [] : splitKey(key, entries.length);
      const results = entries.map((entry, i) =>
        applyChild(entry, variables, x, { key: keys[i], training }),
      );
      const outputs = results.map(({ y }) => y);
      const state = results.map(({ state: next }, i) => [entries[i]?.[0], next]);
      return {
        y: combine === "sum" ? addN(outputs) : concat(outputs, axis),
        state: Object.fromEntries(state),
      };
    });

  return Object.freeze({
    kind,
    init: (key: Tensor, inputShape: Shape) =>
      treeTidy(() => {
        outputShape(inputShape);
        return initChildren(key, entries, () => inputShape);
      }),
    apply,
    outputShape,
    cost: (inputShape: Shape) => {
      const activations = outputShape(inputShape).reduce((a, b) => a * b, 1);
      return { flops: combine === "sum" ? (entries.length - 1) * activations : 0, activations };
    },
    parts: (inputShape: Shape) => entries.map(([name, layer]) => ({ name, layer, inputShape })),
    mapLayers: (fn: (child: Layer, name: string) => Layer) => {
      const mapped = entries.map(([name, layer]) => [name, fn(layer, name)] as const);
      const list = mapped.map(([, layer]) => layer);
      return parallel(Array.isArray(layers) ? list : Object.fromEntries(mapped), { combine, axis });
    },
  }) as unknown as LayerContainer<SequentialParams<L>, SequentialState<L>>;
}
