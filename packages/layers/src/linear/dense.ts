import { random, treeTidy } from "@layerwise/autodiff";
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { add, matMul, reshape } from "@tensorflow/tfjs-core";
import type { Layer, Shape } from "../core/layer.ts";
import { LayerError, showShape } from "../core/layer-error.ts";
import type { Initializer } from "../initializers/initializers.ts";
import { fansOf, lecunNormal, zeros } from "../initializers/initializers.ts";

/** Options of {@link dense}. */
export interface DenseOptions {
  /** The size of the output's last axis. */
  readonly units: number;
  /** Whether to add a bias. Default true. */
  readonly useBias?: boolean | undefined;
  /** Default {@link lecunNormal}. */
  readonly kernelInit?: Initializer | undefined;
  /** Default {@link zeros}. */
  readonly biasInit?: Initializer | undefined;
}

/** The parameters of {@link dense}: `kernel` [inputs, units] and `bias` [units], or null. */
export type DenseParams = { readonly kernel: Tensor2D; readonly bias: Tensor1D | null };

/**
 * A fully connected layer over the last axis: y = x W + b.
 *
 * Input [..., inputs], output [..., units]. Throws where the last axis of the input is not that of
 * the kernel.
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
export function dense({
  units,
  useBias = true,
  kernelInit = lecunNormal,
  biasInit = zeros,
}: DenseOptions): Layer<DenseParams, null> {
  if (!Number.isInteger(units) || units < 1) {
    throw new LayerError("dense", `expected a positive whole number of units, got ${units}`);
  }
  return Object.freeze({
    kind: "dense",
    init: (key, inputShape) =>
      treeTidy(() => {
        const shape = [lastAxis(inputShape), units] as const;
        const [kernelKey, biasKey] = random.split(key) as [Tensor, Tensor];
        return {
          params: {
            kernel: kernelInit(kernelKey, shape, fansOf(shape)) as Tensor2D,
            bias: useBias ? (biasInit(biasKey, [units], fansOf(shape)) as Tensor1D) : null,
          },
          state: null,
        };
      }),
    apply: ({ params, state }, x) =>
      treeTidy(() => {
        const { kernel, bias } = params;
        const [inputs] = kernel.shape;
        if (x.rank < 2 || x.shape.at(-1) !== inputs) {
          throw new LayerError(
            "dense",
            `expected input [batch, ..., ${inputs}], got ${showShape(x.shape)}`,
          );
        }
        // One product of two matrices, not a batch of them: that is what backends have fast code for.
        const product = matMul(x.rank === 2 ? x : reshape(x, [-1, inputs]), kernel);
        const y = bias === null ? product : add(product, bias);
        return { y: x.rank === 2 ? y : reshape(y, [...x.shape.slice(0, -1), units]), state };
      }),
    outputShape: (inputShape) => {
      lastAxis(inputShape);
      return [...inputShape.slice(0, -1), units];
    },
  } satisfies Layer<DenseParams, null>);
}

function lastAxis(inputShape: Shape): number {
  const inputs = inputShape.at(-1);
  if (inputs !== undefined && inputs > 0) return inputs;
  throw new LayerError("dense", `expected input shape [..., inputs], got ${showShape(inputShape)}`);
}
