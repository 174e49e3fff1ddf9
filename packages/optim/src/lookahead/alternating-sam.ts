import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Scalar } from "@tensorflow/tfjs-core";
import { add, clone, equal, scalar, sub } from "@tensorflow/tfjs-core";
import { zeroCount } from "../core/count.ts";
import { mapTensors } from "../core/map.ts";
import { selectTree } from "../core/select.ts";
import type {
  AnyTransformation,
  ExtraOf,
  GradientTransformation,
  OptimizerState,
} from "../core/transformation.ts";
import { requireParams } from "../core/transformation.ts";
import { ascent, checkSam, type SamOptions } from "./ascent.ts";

/** The state of {@link alternatingSam}. */
export type AlternatingSamState<Inner = unknown> = {
  /** 1 while the parameters are at the worst nearby point, else 0. */
  readonly ascended: Scalar;
  /** The parameters that it belongs to. */
  readonly params: TensorTree;
  readonly inner: Inner;
};

/**
 * `sam` for training loops that have gradients and no gradient function: every other update goes
 * up to θ + ε, the one after goes back and makes the step with the gradient found there.
 *
 * Give both the same batch, and evaluate after the second. The other optimizer sees the second
 * gradients only, and θ; its own extra arguments are those of the second call. Nothing may scale the
 * updates afterwards. It is optax's `sam` with `opaque_mode=False`. `update` needs the parameters.
 * References: as for `sam`.
 *
 * @example
 * ```ts
 * import { alternatingSam, applyUpdates, sgd } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const optimizer = alternatingSam(sgd({ learningRate: 0.25 }), { rho: 1 });
 * let params = tf.tensor1d([3, 4]);
 * let state = optimizer.init(params);
 * for (let call = 0; call < 2; call++) {
 *   const step = optimizer.update(tf.mul(params, 2) as tf.Tensor1D, state, params);
 *   params = applyUpdates(params, step.updates);
 *   state = step.state;
 * }
 * const [x = 0, y = 0] = params.dataSync(); // w - (w + w / 5) / 2
 * if (Math.abs(x - 1.2) + Math.abs(y - 1.6) > 1e-6) throw new Error(`${params}`);
 * ```
 */
export function alternatingSam<T extends AnyTransformation>(
  optimizer: T,
  options: SamOptions = {},
): GradientTransformation<AlternatingSamState<OptimizerState<T>>, ExtraOf<T>> {
  checkSam("alternatingSam", options);

  const init = (params: TensorTree): AlternatingSamState => ({
    ascended: zeroCount(),
    params: mapTensors(clone, params),
    inner: optimizer.init(params),
  });

  const update: AnyTransformation["update"] = (grads, before, params, extra) =>
    treeTidy(() => {
      const wanted = requireParams("alternatingSam", params);
      const state = before as AlternatingSamState;
      const up = ascent(grads, wanted, options);
      const step = optimizer.update(grads, state.inner, state.params as typeof grads, extra);
      const down = mapTensors((u, p, q) => add(sub(p, q), u), step.updates, state.params, wanted);

      const back = equal(state.ascended, scalar(1, "int32"));
      const next = {
        ascended: sub(scalar(1, "int32"), state.ascended),
        params: selectTree(back, state.params, wanted),
        inner: selectTree(back, step.state, state.inner),
      };
      return { updates: selectTree(back, down, up), state: next };
    }) as never;

  return { init, update } as unknown as GradientTransformation<
    AlternatingSamState<OptimizerState<T>>,
    ExtraOf<T>
  >;
}
