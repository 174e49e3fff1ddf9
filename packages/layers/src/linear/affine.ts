import { random } from "@layerwise/autodiff";
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { add, matMul, reshape } from "@tensorflow/tfjs-core";
import type { Shape } from "../core/layer.ts";
import { LayerError, showShape } from "../core/layer-error.ts";
import { type Fans, type Initializer, lecunNormal, zeros } from "../initializers/index.ts";

/** Where the parameters of an affine map come from. */
export interface AffineInits {
  /** Whether to add a bias. Default true. */
  readonly useBias?: boolean | undefined;
  /** Default {@link lecunNormal}. */
  readonly kernelInit?: Initializer | undefined;
  /** Default {@link zeros}. */
  readonly biasInit?: Initializer | undefined;
}

/** A kernel and a bias, or null. */
export type AffineParams = { readonly kernel: Tensor2D; readonly bias: Tensor1D | null };

/** Makes a kernel of a shape and a bias of some size, from separate keys. */
export function initAffine(
  key: Tensor,
  shape: Shape,
  units: number,
  fans: Fans,
  { useBias = true, kernelInit = lecunNormal, biasInit = zeros }: AffineInits,
): { readonly kernel: Tensor; readonly bias: Tensor1D | null } {
  const [kernelKey, biasKey] = random.split(key) as [Tensor, Tensor];
  return {
    kernel: kernelInit(kernelKey, shape, fans),
    bias: useBias ? (biasInit(biasKey, [units], fans) as Tensor1D) : null,
  };
}

/** x W + b over the last axis, or x Wᵀ + b; throws where kernel or last axis do not fit. */
export function affine(
  kind: string,
  x: Tensor,
  { kernel, bias }: AffineParams,
  units: number,
  transposed = false,
): Tensor {
  const [inputs, outputs] = transposed ? [kernel.shape[1], kernel.shape[0]] : kernel.shape;
  if (outputs !== units) {
    const wanted = transposed ? `[${units}, inputs]` : `[inputs, ${units}]`;
    throw new LayerError(kind, `expected a kernel ${wanted}, got ${showShape(kernel.shape)}`);
  }
  if (x.rank < 2 || x.shape.at(-1) !== inputs) {
    const wanted = `expected input [batch, ..., ${inputs}]`;
    throw new LayerError(kind, `${wanted}, got ${showShape(x.shape)}`);
  }
  // One product of two matrices, not a batch of them: that is what backends have fast code for.
  const rows = x.rank === 2 ? x : reshape(x, [-1, inputs]);
  const product = matMul(rows, kernel, false, transposed);
  const y = bias === null ? product : add(product, bias);
  return x.rank === 2 ? y : reshape(y, [...x.shape.slice(0, -1), units]);
}

/** Throws unless a number of units, or of something else, is one. */
export function checkUnits(kind: string, units: number, what = "units"): void {
  if (Number.isInteger(units) && units >= 1) return;
  throw new LayerError(kind, `expected a positive whole number of ${what}, got ${units}`);
}

/** The size of the last axis of a shape without batch axis; throws where there is none. */
export function lastAxis(kind: string, inputShape: Shape): number {
  const inputs = inputShape.at(-1);
  if (inputs !== undefined && inputs > 0) return inputs;
  throw new LayerError(kind, `expected input shape [..., inputs], got ${showShape(inputShape)}`);
}
