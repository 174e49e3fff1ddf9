import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { add, clone, equal, mod, scalar, sub, where } from "@tensorflow/tfjs-core";
import { type Hyperparameter, oneMinus, times } from "../core/arithmetic.ts";
import { checkRange, checkSteps } from "../core/check.ts";
import { nextCount, zeroCount } from "../core/count.ts";
import { mapTensors } from "../core/map.ts";
import { selectTree } from "../core/select.ts";
import type {
  AnyTransformation,
  ExtraOf,
  GradientTransformation,
  OptimizerState,
} from "../core/transformation.ts";
import { requireParams } from "../core/transformation.ts";

/** The state of {@link lookahead}. */
export type LookaheadState<Inner = unknown> = {
  /** The number of steps since the slow parameters moved. */
  readonly stepsSinceSync: Scalar;
  /** The slow parameters φ. */
  readonly slow: TensorTree;
  readonly inner: Inner;
};

/** Options of {@link lookahead}. */
export interface LookaheadOptions {
  /** The number of fast steps k between two slow ones. Default 5. */
  readonly syncPeriod?: number | undefined;
  /** The slow step α, in [0, 1]: 1 is the fast optimizer. Default 0.5. */
  readonly slowStepSize?: Hyperparameter | undefined;
  /** Start the fast optimizer anew after each slow step. Default false. */
  readonly resetState?: boolean | undefined;
}

/**
 * k steps forward, one back: after every k steps of another optimizer the slow parameters move a part
 * of the way to the fast ones, φ ← φ + α (θ − φ), and the fast ones are set to them, θ ← φ.
 *
 * The parameters that training sees are the fast ones; {@link lookaheadSlowParams} gives the slow
 * ones, which the paper evaluates. It has them in the state, where optax wants pairs of parameters, so
 * that nothing else of a training loop changes. Nothing may scale its updates afterwards. `update`
 * needs the parameters.
 * Reference: Zhang et al., 2019, https://arxiv.org/abs/1907.08610, algorithm 1.
 *
 * @example
 * ```ts
 * import { adam, lookahead } from "@layerwise/optim";
 *
 * const optimizer = lookahead(adam({ learningRate: 1e-3 }), { syncPeriod: 6 });
 * ```
 */
export function lookahead<T extends AnyTransformation>(
  fast: T,
  { syncPeriod = 5, slowStepSize = 0.5, resetState = false }: LookaheadOptions = {},
): GradientTransformation<LookaheadState<OptimizerState<T>>, ExtraOf<T>> {
  checkSteps("lookahead: syncPeriod", syncPeriod);
  checkRange("lookahead: slowStepSize", slowStepSize, 0, 1 + Number.EPSILON);

  const init = (params: TensorTree): LookaheadState => ({
    stepsSinceSync: zeroCount(),
    slow: mapTensors(clone, params),
    inner: fast.init(params),
  });

  const update: AnyTransformation["update"] = (grads, before, params, extra) =>
    treeTidy(() => {
      const wanted = requireParams("lookahead", params);
      const state = before as LookaheadState;
      const step = fast.update(grads, state.inner, params, extra);
      const steps = nextCount(state.stepsSinceSync);
      const sync = equal(steps, scalar(syncPeriod, "int32"));
      const onlyThen = (x: Tensor): Tensor => where(sync, x, 0);

      const ahead = mapTensors((u, p, s) => sub(add(p, u), s), step.updates, wanted, state.slow);
      const updates = mapTensors(
        (u, d) => sub(u, onlyThen(times(d, oneMinus(slowStepSize)))),
        step.updates,
        ahead,
      );
      const slow = mapTensors(
        (s, d) => add(s, onlyThen(times(d, slowStepSize))),
        state.slow,
        ahead,
      );
      const stepsSinceSync = mod(steps, scalar(syncPeriod, "int32"));
      const inner = resetState
        ? selectTree(sync, fast.init(mapTensors(add, wanted, updates)), step.state)
        : step.state;
      return { updates, state: { stepsSinceSync, slow, inner } };
    }) as never;

  return { init, update } as unknown as GradientTransformation<
    LookaheadState<OptimizerState<T>>,
    ExtraOf<T>
  >;
}

/**
 * The slow parameters in the state of {@link lookahead}, as fresh tensors, of the type that is asked
 * for.
 *
 * @example
 * ```ts
 * import { lookahead, lookaheadSlowParams, sgd } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const optimizer = lookahead(sgd({ learningRate: 0.5 }), { syncPeriod: 1 });
 * const params = { w: tf.tensor1d([1, 2]) };
 * const { state } = optimizer.update(params, optimizer.init(params), params);
 * const { w } = lookaheadSlowParams<typeof params>(state); // half of half a step
 * if (w.dataSync().join() !== "0.75,1.5") throw new Error(String(w));
 * ```
 */
export function lookaheadSlowParams<Params extends TensorTree = TensorTree>(
  state: LookaheadState,
): Params {
  return mapTensors(clone, state.slow) as Params;
}
