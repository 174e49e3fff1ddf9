import { random } from "@layerwise/autodiff";
import type { Initializer, Shape } from "@layerwise/layers";
import { ones, zeros } from "@layerwise/layers";
import type { Tensor } from "@tensorflow/tfjs-core";
import { add, mul } from "@tensorflow/tfjs-core";

/** The trained scale γ and shift β after a normalisation. */
export interface AffineOptions {
  /** What `scale` and `center` are where they are not given. Default true. */
  readonly affine?: boolean | undefined;
  /** Whether to multiply by a trained γ. */
  readonly scale?: boolean | undefined;
  /** Whether to add a trained β. */
  readonly center?: boolean | undefined;
  /** Default ones. Zeros make a residual branch start as nothing. */
  readonly gammaInit?: Initializer | undefined;
  /** Default zeros. */
  readonly betaInit?: Initializer | undefined;
}

/** Trained scale and shift; null where they are switched off. */
export type AffineParams = { readonly gamma: Tensor | null; readonly beta: Tensor | null };

/** Makes γ and β of a shape. */
export function initAffine(
  key: Tensor,
  shape: Shape,
  {
    affine = true,
    scale = affine,
    center = affine,
    gammaInit = ones,
    betaInit = zeros,
  }: AffineOptions,
): AffineParams {
  const [gammaKey, betaKey] = random.split(key) as [Tensor, Tensor];
  return {
    gamma: scale ? gammaInit(gammaKey, shape) : null,
    beta: center ? betaInit(betaKey, shape) : null,
  };
}

/** γ x + β, with what there is of it; `place` lays γ and β along the right axes. */
export function applyAffine(
  x: Tensor,
  { gamma, beta }: AffineParams,
  place: (vector: Tensor) => Tensor = (vector) => vector,
): Tensor {
  const scaled = gamma === null ? x : mul(x, place(gamma));
  return beta === null ? scaled : add(scaled, place(beta));
}
