import { addDecayedWeights } from "./add-decayed-weights.ts";
import type { Hyperparameter } from "./arithmetic.ts";
import { identity } from "./chain.ts";
import type { EmptyState, GradientTransformation } from "./transformation.ts";

/** Weight decay, or nothing where it is zero: then `update` needs no parameters. */
export function decayUnlessZero(weightDecay: Hyperparameter): GradientTransformation<EmptyState> {
  return weightDecay === 0 ? identity() : addDecayedWeights(weightDecay);
}
