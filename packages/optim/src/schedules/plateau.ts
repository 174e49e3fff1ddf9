import { treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  cast,
  div,
  equal,
  greater,
  greaterEqual,
  less,
  logicalAnd,
  logicalNot,
  logicalOr,
  maximum,
  mul,
  neg,
  scalar,
  sub,
  where,
  zerosLike,
} from "@tensorflow/tfjs-core";
import { plus, tensorOf, times } from "../core/arithmetic.ts";
import { checkChoice, checkRange, checkSteps } from "../core/check.ts";
import { nextCount, zeroCount } from "../core/count.ts";
import { requireExtra, type ValueExtra } from "../core/extras.ts";
import { mapTensors } from "../core/map.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import { checkBegin, checkPositive } from "./check.ts";

/** The state of {@link reduceOnPlateau}. */
export type ReduceOnPlateauState = {
  /** What updates are multiplied by. */
  readonly scale: Scalar;
  /** The best value so far, infinite before the first. */
  readonly bestValue: Scalar;
  /** The number of values since then, or since the last reduction. */
  readonly plateauCount: Scalar;
  /** The number of values that are still to be passed over. */
  readonly cooldownCount: Scalar;
  /** The number of values in `avgValue`. */
  readonly count: Scalar;
  /** The average of the values that are being accumulated. */
  readonly avgValue: Scalar;
};

/** The extra argument of {@link reduceOnPlateau}: the loss, of a batch or of the validation set. */
export type ReduceOnPlateauExtra = ValueExtra;

/** Options of {@link reduceOnPlateau}. */
export interface ReduceOnPlateauOptions {
  /** What the scale is multiplied by on a plateau, in (0, 1). Default 0.1. */
  readonly factor?: number | undefined;
  /** The number of values without improvement that make a plateau. Default 10. */
  readonly patience?: number | undefined;
  /** What counts as an improvement, relative to the best value's size, in [0, 1). Default 1e-4. */
  readonly rtol?: number | undefined;
  /** What counts as an improvement, absolute. Default 0. */
  readonly atol?: number | undefined;
  /** The number of values after a reduction in which no plateau is looked for. Default 0. */
  readonly cooldown?: number | undefined;
  /** The number of values that are averaged before they are judged. Default 1. */
  readonly accumulationSize?: number | undefined;
  /** The least scale. Default 0. */
  readonly minScale?: number | undefined;
  /** Whether a smaller or a larger value is better. Default "min". */
  readonly mode?: "min" | "max" | undefined;
}

/**
 * Multiplies updates by a scale that falls when the loss no longer does.
 *
 * A value improves on the best when value < best − rtol |best| − atol. After `patience` values
 * that do not, scale ← max(factor · scale, minScale).
 *
 * As optax' reduce_on_plateau, which has (1 − rtol) best for best − rtol |best| and therefore
 * takes every repetition of a negative loss for an improvement. PyTorch's ReduceLROnPlateau has that
 * too, waits one value longer (its `patience: 9` is 10 here), has either tolerance, not both, and
 * skips reductions below its `eps`.
 *
 * @example
 * ```ts
 * import { adam, chain, reduceOnPlateau } from "@layerwise/optim";
 *
 * const optimizer = chain(adam({ learningRate: 1e-3 }), reduceOnPlateau({ patience: 5 }));
 * // optimizer.update(grads, state, params, { value: loss })
 * ```
 */
export function reduceOnPlateau(
  options: ReduceOnPlateauOptions = {},
): GradientTransformation<ReduceOnPlateauState, ReduceOnPlateauExtra> {
  const settings = checked(options);
  const worst = settings.mode === "min" ? Infinity : -Infinity;
  return {
    init: () => ({
      scale: scalar(1),
      bestValue: scalar(worst),
      plateauCount: zeroCount(),
      cooldownCount: zeroCount(),
      count: zeroCount(),
      avgValue: scalar(0),
    }),
    update: (grads, state, _params, extra) =>
      treeTidy(() => {
        const { value } = requireExtra("reduceOnPlateau", extra, "value");
        const count = nextCount(state.count);
        const sum = add(mul(cast(state.count, "float32"), state.avgValue), value);
        const average = div<Scalar>(sum, cast(count, "float32"));
        const due = equal(count, scalar(settings.accumulationSize, "int32"));
        const judged = judge(settings, state, average);
        const choose = (next: Scalar, before: Scalar): Scalar => where(due, next, before);
        const scale = choose(judged.scale, state.scale);
        return {
          updates: mapTensors((g) => mul(g, scale), grads),
          state: {
            scale,
            bestValue: choose(judged.bestValue, state.bestValue),
            plateauCount: choose(judged.plateauCount, state.plateauCount),
            cooldownCount: choose(judged.cooldownCount, state.cooldownCount),
            count: choose(zerosLike(count), count),
            avgValue: choose(zerosLike(average), average),
          },
        };
      }),
  };
}

type Settings = {
  readonly [Name in keyof ReduceOnPlateauOptions]-?: NonNullable<ReduceOnPlateauOptions[Name]>;
};

/** The state after a value, or an average of values, has been judged. */
function judge(
  { factor, patience, rtol, atol, cooldown, minScale, mode }: Settings,
  { scale, bestValue, plateauCount, cooldownCount }: ReduceOnPlateauState,
  value: Scalar,
): Pick<ReduceOnPlateauState, "bestValue" | "cooldownCount" | "plateauCount" | "scale"> {
  const whole = (n: number): Scalar => scalar(n, "int32");
  const loss = (x: Tensor): Tensor => (mode === "min" ? x : neg(x));
  const best = loss(bestValue);
  // best − rtol |best|, which would be NaN where the best is still infinite.
  const target = where(less(best, 0), times(best, 1 + rtol), times(best, 1 - rtol));
  const improved = less(loss(value), plus(target, -atol));
  const waited = where(improved, whole(0), nextCount(plateauCount));
  const cooling = greater(cooldownCount, whole(0));
  const reduced = logicalAnd(logicalNot(cooling), greaterEqual(waited, whole(patience)));
  const lower = maximum<Scalar>(times(scale, factor), tensorOf(minScale));
  return {
    scale: where(reduced, lower, scale),
    bestValue: where(improved, value, bestValue),
    plateauCount: where(logicalOr(cooling, reduced), whole(0), waited),
    cooldownCount: where(
      cooling,
      sub<Scalar>(cooldownCount, whole(1)),
      where(reduced, whole(cooldown), whole(0)),
    ),
  };
}

function checked({
  factor = 0.1,
  patience = 10,
  rtol = 1e-4,
  atol = 0,
  cooldown = 0,
  accumulationSize = 1,
  minScale = 0,
  mode = "min",
}: ReduceOnPlateauOptions): Settings {
  checkPositive("reduceOnPlateau: factor", factor);
  checkRange("reduceOnPlateau: factor", factor, 0, 1);
  checkSteps("reduceOnPlateau: patience", patience);
  checkRange("reduceOnPlateau: rtol", rtol, 0, 1);
  checkRange("reduceOnPlateau: atol", atol, 0);
  checkBegin("reduceOnPlateau: cooldown", cooldown);
  checkSteps("reduceOnPlateau: accumulationSize", accumulationSize);
  checkRange("reduceOnPlateau: minScale", minScale, 0);
  checkChoice("reduceOnPlateau: mode", mode, ["min", "max"]);
  return { factor, patience, rtol, atol, cooldown, accumulationSize, minScale, mode };
}
