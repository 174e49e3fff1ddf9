import { constant, treeTidy } from "@layerwise/autodiff";
import type { Layer } from "@layerwise/layers";
import { maximum, mul, rsqrt, square, sum } from "@tensorflow/tfjs-core";
import { checkCount, checkEps } from "../core/check.ts";
import { checkLast, trailing, trailingAxes } from "./trailing.ts";

/** Options of {@link unitNorm}. */
export interface UnitNormOptions {
  /** How many of the last axes make one vector. Default 1. */
  readonly lastAxes?: number | undefined;
  /** The least squared length to divide by. Default 1e-12. */
  readonly eps?: number | undefined;
}

/**
 * Unit normalisation: each vector divided by its Euclidean length.
 *
 * y = x / √max(Σ x², ε) over the last `lastAxes` axes, as UnitNormalization of Keras: length 1 exactly
 * for all but the shortest vectors; zero stays zero, with a finite gradient. PyTorch's `normalize`
 * has max(‖x‖, 1e-12) instead, which is ε = 1e-24.
 *
 * @example
 * ```ts
 * import { unitNorm } from "@layerwise/norm";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const { y } = unitNorm().apply({ params: null, state: null }, tf.tensor2d([[3, 4]]));
 * if (Math.abs((y.dataSync()[1] ?? 0) - 0.8) > 1e-6) throw new Error(`${y}`);
 * ```
 */
export function unitNorm({ lastAxes = 1, eps = 1e-12 }: UnitNormOptions = {}): Layer<null, null> {
  checkCount("unitNorm", "lastAxes", lastAxes);
  checkEps("unitNorm", eps);
  return Object.freeze({
    kind: "unitNorm",
    init: (_, inputShape) => {
      trailing("unitNorm", inputShape, lastAxes);
      return { params: null, state: null };
    },
    apply: ({ state }, x) =>
      treeTidy(() => {
        checkLast("unitNorm", x, lastAxes, []);
        const squares = sum(square(x), trailingAxes(x.rank, lastAxes), true);
        return { y: mul(x, rsqrt(maximum(squares, constant(eps)))), state };
      }),
    outputShape: (inputShape) => {
      trailing("unitNorm", inputShape, lastAxes);
      return inputShape;
    },
  } satisfies Layer<null, null>);
}
