import { constant } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  div,
  greater,
  less,
  logicalAnd,
  mul,
  neg,
  sqrt,
  square,
  sub,
  where,
} from "@tensorflow/tfjs-core";
import { plus, times } from "../core/arithmetic.ts";

/** A step along a line and the loss there. */
export interface LinePoint {
  readonly step: Tensor;
  readonly value: Tensor;
}

const inside = (x: Tensor, margin: number): Tensor =>
  logicalAnd(greater(x, constant(margin)), less(x, constant(1 - margin)));

/**
 * A step between `low`, of known slope, and `high`: where the cubic through both and `reference` has
 * its minimum, else where the parabola through both has, else halfway.
 *
 * An interpolation counts only when it is some way off both ends (a fifth, a tenth of the distance).
 * Lengths are measured in the distance of the ends, so that no product of small steps vanishes.
 */
export function interpolate(
  low: LinePoint & { readonly slope: Tensor },
  high: LinePoint,
  reference: LinePoint,
  cubic: Tensor,
): Tensor {
  const width = sub(high.step, low.step);
  // The interpolant is a x³ + b x² + slope x, zero at low and with high at x = 1.
  const slope = mul(low.slope, width);
  const rise = sub(sub(high.value, low.value), slope);
  const at = div(sub(reference.step, low.step), width);
  const other = div(sub(sub(reference.value, low.value), mul(slope, at)), square(at));
  const a = div(sub(other, rise), plus(at, -1));
  const b = sub(rise, a);
  const root = sqrt(sub(square(b), times(mul(a, slope), 3)));
  const byCubic = div(neg(slope), add(b, root));
  const byParabola = div(neg(slope), times(rise, 2));
  const fraction = where(
    logicalAnd(cubic, inside(byCubic, 0.2)),
    byCubic,
    where(inside(byParabola, 0.1), byParabola, constant(0.5)),
  );
  return add(low.step, mul(width, fraction));
}
