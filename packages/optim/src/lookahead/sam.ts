import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import { add } from "@tensorflow/tfjs-core";
import { type GradFnExtra, requireExtra } from "../core/extras.ts";
import { mapTensors } from "../core/map.ts";
import type {
  AnyTransformation,
  ExtraOf,
  GradientTransformation,
  OptimizerState,
} from "../core/transformation.ts";
import { requireParams } from "../core/transformation.ts";
import { ascent, checkSam, type SamOptions } from "./ascent.ts";

/**
 * Sharpness-aware minimization: another optimizer steps with the gradient at the worst nearby point,
 * θ + ε with ε = ρ g / (‖g‖ + 1e-12).
 *
 * With `adaptive` the neighbourhood is invariant to the scales of parameters (ASAM):
 * ε = ρ T² g / (‖T g‖ + 1e-12), T = |θ| + eta. The norm is over all parameters together. `update`
 * needs the parameters and the gradient as a function, `{ gradFn }`, of the same batch; it is called
 * once. The given gradients are those at θ. A zero gradient stays where it is; optax makes it NaN.
 * References: Foret et al., 2021, https://arxiv.org/abs/2010.01412; Kwon et al., 2021,
 * https://arxiv.org/abs/2102.11600.
 *
 * @example
 * ```ts
 * import { grad } from "@layerwise/autodiff";
 * import { sam, sgd } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const loss = ({ w }: { w: tf.Tensor }) => tf.sum(tf.square(w));
 * const gradFn = grad(loss);
 * const optimizer = sam(sgd({ learningRate: 0.25 }), { rho: 1 });
 * const params = { w: tf.tensor1d([3, 4]) };
 * const state = optimizer.init(params);
 * const { updates } = optimizer.update(gradFn(params), state, params, { gradFn });
 * const [x = 0, y = 0] = updates.w.dataSync(); // -(w + w / 5) / 2
 * if (Math.abs(x + 1.8) + Math.abs(y + 2.4) > 1e-6) throw new Error(`${updates.w}`);
 * ```
 */
export function sam<T extends AnyTransformation>(
  optimizer: T,
  options: SamOptions = {},
): GradientTransformation<OptimizerState<T>, ExtraOf<T> & GradFnExtra> {
  checkSam("sam", options);
  const update = (
    grads: TensorTree,
    state: unknown,
    params: TensorTree | undefined,
    extra: GradFnExtra | undefined,
  ): unknown =>
    treeTidy(() => {
      const wanted = requireParams("sam", params);
      const functions = requireExtra("sam", extra, "gradFn");
      const sharp = functions.gradFn(mapTensors(add, wanted, ascent(grads, wanted, options)));
      return optimizer.update(sharp, state, params, extra as never);
    });
  const init = (params: TensorTree): unknown => optimizer.init(params);
  return { init, update } as unknown as GradientTransformation<
    OptimizerState<T>,
    ExtraOf<T> & GradFnExtra
  >;
}
