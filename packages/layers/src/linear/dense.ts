import { treeTidy } from "@layerwise/autodiff";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import type { Layer } from "../core/layer.ts";
import { fansOf } from "../initializers/index.ts";
import {
  type AffineInits,
  type AffineParams,
  affine,
  checkUnits,
  initAffine,
  lastAxis,
} from "./affine.ts";

/** Options of {@link dense}. */
export interface DenseOptions extends AffineInits {
  /** The size of the output's last axis. */
  readonly units: number;
}

/** The parameters of {@link dense}: `kernel` [inputs, units] and `bias` [units], or null. */
export type DenseParams = AffineParams;

/**
 * A fully connected layer over the last axis: y = x W + b.
 *
 * Input [..., inputs], output [..., units]. Throws where the last axis of the input is not that of
 * the kernel. The kernel is laid out as in Keras and Flax; PyTorch's is its transpose.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { dense } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = dense({ units: 3 });
 * const variables = layer.init(random.key(0), [4]);
 * const { y } = layer.apply(variables, tf.ones([2, 4]));
 * if (y.shape.join() !== "2,3") throw new Error(String(y.shape));
 * ```
 */
export function dense({ units, ...inits }: DenseOptions): Layer<DenseParams, null> {
  checkUnits("dense", units);
  return Object.freeze({
    kind: "dense",
    init: (key, inputShape) =>
      treeTidy(() => {
        const shape = [lastAxis("dense", inputShape), units];
        const { kernel, bias } = initAffine(key, shape, units, fansOf(shape), inits);
        return { params: { kernel: kernel as Tensor2D, bias }, state: null };
      }),
    apply: ({ params, state }, x) =>
      treeTidy(() => ({ y: affine("dense", x, params, units), state })),
    outputShape: (inputShape) => {
      lastAxis("dense", inputShape);
      return [...inputShape.slice(0, -1), units];
    },
  } satisfies Layer<DenseParams, null>);
}
