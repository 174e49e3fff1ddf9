import { zeros } from "./distributions.ts";
import type { Initializer } from "./fans.ts";
import { glorotUniform, lecunNormal, uniformFanIn } from "./variance-scaling.ts";

/** The initializers of a layer with kernel and bias, to be spread into its options. */
export interface KernelAndBias {
  readonly kernelInit: Initializer;
  readonly biasInit: Initializer;
}

/**
 * What `torch.nn.Linear` and `Conv2d` start from: kernel and bias U(±1/√fanIn).
 *
 * @example
 * ```ts
 * import { dense, torchDefault } from "@layerwise/layers";
 *
 * const layer = dense({ units: 10, ...torchDefault });
 * ```
 */
export const torchDefault: KernelAndBias = { kernelInit: uniformFanIn, biasInit: uniformFanIn };

/** What Keras's and tfjs's `Dense` and `Conv2D` start from: kernel Glorot uniform, bias 0. */
export const kerasDefault: KernelAndBias = { kernelInit: glorotUniform, biasInit: zeros };

/** What `flax.linen.Dense` and `Conv` start from, and layers here: kernel LeCun normal, bias 0. */
export const flaxDefault: KernelAndBias = { kernelInit: lecunNormal, biasInit: zeros };

/** What `equinox.nn.Linear` and `Conv2d` start from: kernel and bias U(±1/√fanIn). */
export const equinoxDefault: KernelAndBias = { kernelInit: uniformFanIn, biasInit: uniformFanIn };
