import type { Tensor } from "@tensorflow/tfjs-core";
import type { Layer, Shape } from "../core/layer.ts";
import { LayerError } from "../core/layer-error.ts";
import { creluShape } from "./crelu.ts";
import type { FromFunctionOptions } from "./from-function.ts";
import { fromFunction } from "./from-function.ts";
import { gatedShape } from "./gated.ts";
import * as table from "./table.ts";
import type { ActivationFunction } from "./types.ts";
import type { MaxoutOptions } from "./winners.ts";
import { maxoutShape } from "./winners.ts";

/** The functions that {@link activation} knows by name. */
export const activations: typeof table = table;

/** The name of a known activation function. */
export type ActivationName = keyof typeof table;

/** The options of the activation function with a name. */
export type ActivationOptions<N extends ActivationName> = N extends ActivationName
  ? Parameters<(typeof table)[N]>["length"] extends 1
    ? unknown
    : Parameters<(typeof table)[N]> extends readonly [unknown, (infer Options)?]
      ? Options
      : never
  : never;

/**
 * A layer without parameters that applies an activation function, given by name or as a function.
 *
 * With a name, `options` are those of the function of that name. `kind` is the name; for a function,
 * `options.name` or `"activation"`. A function must keep the shape unless `options.outputShape` says
 * otherwise. Throws for an unknown name, listing the known ones.
 *
 * @example
 * ```ts
 * import { activation } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 *
 * const sigmoid = activation("sigmoid");
 * const leaky = activation("leakyRelu", { negativeSlope: 0.2 });
 * const cube = activation((x) => tf.pow(x, 3), { name: "cube" });
 * if (cube.kind !== "cube" || sigmoid.kind !== "sigmoid") throw new Error("kind");
 * if (activation("glu").outputShape([6]).join() !== "3") throw new Error("shape");
 * ```
 */
export function activation<N extends ActivationName>(
  name: N,
  options?: ActivationOptions<N> & { readonly name?: string | undefined },
): Layer<null, null>;
export function activation(
  fn: ActivationName | ActivationFunction,
  options?: FromFunctionOptions,
): Layer<null, null>;
export function activation(
  fn: ActivationName | ActivationFunction,
  options: FromFunctionOptions = {},
): Layer<null, null> {
  if (typeof fn === "function") return fromFunction(fn, options);
  if (!Object.hasOwn(table, fn)) {
    const known = Object.keys(table).join(", ");
    throw new LayerError("activation", `expected one of ${known}, got ${JSON.stringify(fn)}`);
  }
  const call = activations[fn] as (x: Tensor, options: object) => Tensor;
  const shape = outputShapes[fn] ?? ((inputShape) => inputShape);
  return fromFunction((x) => call(x, options), {
    name: options.name ?? fn,
    outputShape: (inputShape) => shape(inputShape, options),
  });
}

const outputShapes: {
  readonly [N in ActivationName]?: (shape: Shape, options: object) => Shape;
} = {
  crelu: creluShape,
  geglu: (shape) => gatedShape("geglu", shape),
  glu: (shape) => gatedShape("glu", shape),
  maxout: (shape, options: MaxoutOptions) => maxoutShape(shape, options),
  reglu: (shape) => gatedShape("reglu", shape),
  swiglu: (shape) => gatedShape("swiglu", shape),
};
