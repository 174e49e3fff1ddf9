import { treeTidy } from "@layerwise/autodiff";
import { clone } from "@tensorflow/tfjs-core";
import type { Layer } from "../core/layer.ts";
import { LayerError } from "../core/layer-error.ts";
import type { ActivationFunction, ActivationName } from "./functions.ts";
import { activations } from "./functions.ts";

/**
 * A layer without parameters that applies an activation function, given by name or as a function.
 *
 * The function must keep the shape. `kind` is the name; for a function, `options.name` or
 * `"activation"`. Throws for an unknown name, listing the known ones.
 *
 * @example
 * ```ts
 * import { activation } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 *
 * const sigmoid = activation("sigmoid");
 * const cube = activation((x) => tf.pow(x, 3), { name: "cube" });
 * if (cube.kind !== "cube" || sigmoid.kind !== "sigmoid") throw new Error("kind");
 * ```
 */
export function activation(
  fn: ActivationName | ActivationFunction,
  options: { readonly name?: string | undefined } = {},
): Layer<null, null> {
  const kind = options.name ?? (typeof fn === "string" ? fn : "activation");
  const call = typeof fn === "string" ? named(fn) : fn;
  return Object.freeze({
    kind,
    init: () => ({ params: null, state: null }),
    apply: ({ state }, x) =>
      treeTidy(() => {
        const y = call(x);
        return { y: y === x ? clone(x) : y, state };
      }),
    outputShape: (inputShape) => inputShape,
  } satisfies Layer<null, null>);
}

function named(name: ActivationName): ActivationFunction {
  if (Object.hasOwn(activations, name)) return activations[name];
  const known = Object.keys(activations).join(", ");
  throw new LayerError("activation", `expected one of ${known}, got ${JSON.stringify(name)}`);
}
