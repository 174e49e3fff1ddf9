import { constant as exact } from "@layerwise/autodiff";
import { concat, eye as identityMatrix, mul, tidy } from "@tensorflow/tfjs-core";
import { LayerError, showShape } from "../core/layer-error.ts";
import { normal, zeros } from "./distributions.ts";
import type { Initializer } from "./fans.ts";
import { atCentre } from "./orthogonal.ts";

/**
 * Makes an initializer of `gain` on the diagonal and zeros elsewhere, for a shape [rows, columns].
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { eye } from "@layerwise/layers";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const w = eye({ gain: 2 })(random.key(0), [2, 3]);
 * if (w.dataSync().join() !== "2,0,0,0,2,0") throw new Error(String(w));
 * ```
 */
export function eye({ gain = 1 }: { readonly gain?: number | undefined } = {}): Initializer {
  return (_key, shape) =>
    tidy(() => {
      const [rows, columns] = shape;
      if (rows === undefined || columns === undefined || shape.length > 2) {
        const got = showShape(shape);
        throw new LayerError("eye", `expected a shape [rows, columns], got ${got}`);
      }
      return mul(identityMatrix(rows, columns), exact(gain));
    });
}

/** Options of {@link dirac}. */
export interface DiracOptions {
  /** The groups of the convolution; each one passes on its inputs. Default 1. */
  readonly groups?: number | undefined;
}

/**
 * Makes an initializer of convolution kernels that pass their input on: 1 at the centre from input i
 * to output i, zeros elsewhere; further outputs are zero.
 *
 * Shape [...field, inputs per group, outputs]; the centre is index ⌊size / 2⌋, as in PyTorch's
 * `dirac_`.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { dirac } from "@layerwise/layers";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const kernel = dirac()(random.key(0), [3, 2, 2]);
 * if (kernel.dataSync().join() !== "0,0,0,0,1,0,0,1,0,0,0,0") throw new Error(String(kernel));
 * ```
 */
export function dirac({ groups = 1 }: DiracOptions = {}): Initializer {
  return (_key, shape) =>
    tidy(() => {
      const [inputs, outputs] = shape.slice(-2);
      if (inputs === undefined || outputs === undefined || outputs % groups !== 0) {
        const wanted = `[...field, inputs, outputs] with outputs divisible by ${groups}`;
        throw new LayerError("dirac", `expected a shape ${wanted}, got ${showShape(shape)}`);
      }
      const one = identityMatrix(inputs, outputs / groups);
      const all = concat(new Array<typeof one>(groups).fill(one), 1);
      return atCentre(all, shape, (size) => size >> 1);
    });
}

/** The initializers of a recurrent layer. */
export interface RecurrentInitializers {
  readonly kernelInit: Initializer;
  readonly recurrentInit: Initializer;
  readonly biasInit: Initializer;
}

/**
 * The initializers of the IRNN: a recurrent network of relus that starts by remembering its state.
 *
 * Recurrent kernel: the identity (times `gain`, for short memories); input kernel: N(0, 0.001²);
 * bias 0. Reference: Le, Jaitly and Hinton, 2015, https://arxiv.org/abs/1504.00941.
 *
 * @example
 * ```ts
 * import { irnn } from "@layerwise/layers";
 *
 * const { kernelInit, recurrentInit, biasInit } = irnn({ gain: 0.01 }); // for speech, in the paper
 * ```
 */
export function irnn({
  gain = 1,
}: {
  readonly gain?: number | undefined;
} = {}): RecurrentInitializers {
  return { kernelInit: normal({ stddev: 1e-3 }), recurrentInit: eye({ gain }), biasInit: zeros };
}
