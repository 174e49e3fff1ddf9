import { constant } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  cast,
  div,
  expm1,
  less,
  log,
  mul,
  onesLike,
  square,
  sub,
  tidy,
  where,
} from "@tensorflow/tfjs-core";
import { type Hyperparameter, oneMinus, plus, tensorOf, times } from "../core/arithmetic.ts";

/** The length ρ∞ = 2 / (1 − decay) − 1 that a moving average has in the end. */
export function averagingLimit(decay: Hyperparameter): Tensor {
  if (typeof decay === "number") return constant(2 / (1 - decay) - 1);
  return tidy(() => div(plus(decay, 1), tensorOf(oneMinus(decay))));
}

/**
 * The length of the simple average that has the spread of a bias-corrected moving average after `count`
 * steps: ρₜ = ρ∞ − 2 t decayᵗ / (1 − decayᵗ).
 *
 * As written, two numbers near 2000 leave one near 5 in RAdam's first steps, with 4 of 7 digits. With
 * h = −½ ln decay and Langevin's function L(y) = coth y − 1/y it is t (1 − L(t h)) + L(h), which does not
 * cancel for small t h.
 */
export function averagingLength(decay: Hyperparameter, count: Tensor): Tensor {
  return tidy(() => {
    const t = cast(count, "float32");
    if (decay === 0) return onesLike(t);
    const h =
      typeof decay === "number" ? constant(-0.5 * Math.log(decay)) : times(log(decay), -0.5);
    const y = mul(t, h);
    const early = add(mul(t, sub(constant(1), langevin(y))), langevin(h));
    const late = sub(averagingLimit(decay), div(times(t, 2), expm1(times(y, 2))));
    return where(less(y, constant(0.5)), early, late);
  });
}

/** L(y) for 0 ≤ y ≤ ½, to double precision: y / (3 + y² / (5 + y² / (7 + …))) has positive terms only. */
function langevin(y: Tensor): Tensor {
  const y2 = square(y);
  let tail = plus(times(y2, 1 / 13), 11);
  for (const odd of [9, 7, 5, 3]) tail = plus(div(y2, tail), odd);
  return div(y, tail);
}
