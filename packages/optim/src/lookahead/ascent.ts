import type { TensorTree } from "@layerwise/autodiff";
import { abs, div, mul } from "@tensorflow/tfjs-core";
import { globalNorm } from "../clipping/clip-by-global-norm.ts";
import { type Hyperparameter, plus, tensorOf } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { mapTensors } from "../core/map.ts";

/** Options of sharpness-aware minimization. */
export interface SamOptions {
  /** The radius of the neighbourhood. Default 0.05; about ten times that if adaptive. */
  readonly rho?: Hyperparameter | undefined;
  /** Measure distances relative to the size of each parameter (ASAM). Default false. */
  readonly adaptive?: boolean | undefined;
  /** Added to the size of each parameter if adaptive. Default 0.01. */
  readonly eta?: Hyperparameter | undefined;
}

/** Throws for a bad option. */
export function checkSam(name: string, { rho = 0.05, eta = 0.01 }: SamOptions): void {
  checkRange(`${name}: rho`, rho, 0);
  checkRange(`${name}: eta`, eta, 0);
}

/** The way to the worst nearby point: ρ T² g / (‖T g‖ + 1e-12), with T = 1 if not adaptive. */
export function ascent<T extends TensorTree>(
  grads: T,
  params: TensorTree,
  { rho = 0.05, adaptive = false, eta = 0.01 }: SamOptions,
): T {
  const sizes = adaptive ? mapTensors((p) => plus(abs(p), eta), params) : undefined;
  const scaled = sizes === undefined ? grads : mapTensors(mul, grads, sizes);
  const by = div(tensorOf(rho), plus(globalNorm(scaled), 1e-12));
  const way = mapTensors((g) => mul(by, g), scaled);
  return sizes === undefined ? way : mapTensors(mul, way, sizes);
}
