import { chain } from "../core/chain.ts";
import type { LinesearchExtra } from "../core/extras.ts";
import { scale } from "../core/scale.ts";
import type {
  AnyTransformation,
  EmptyState,
  ExtraOf,
  GradientTransformation,
  OptimizerState,
} from "../core/transformation.ts";
import {
  type ScaleByConjugateGradientState,
  scaleByConjugateGradient,
} from "./scale-by-conjugate-gradient.ts";
import {
  type ScaleByZoomLinesearchState,
  scaleByZoomLinesearch,
} from "./scale-by-zoom-linesearch.ts";
import { withGrads } from "./with-grads.ts";

/** The states of {@link conjugateGradient}: direction, sign, line search. */
export type ConjugateGradientState<Linesearch> = readonly [
  ScaleByConjugateGradientState,
  EmptyState,
  Linesearch,
];

/**
 * Nonlinear conjugate gradient (Polak–Ribière+) with a line search: θ ← θ − α u.
 *
 * Keeps two vectors where L-BFGS keeps 2 `memorySize`. `linesearch` is a
 * {@link scaleByZoomLinesearch} with c₂ = 0.1, as conjugacy wants a search that is nearly exact.
 * Hinton and Salakhutdinov fine-tuned their deep autoencoders with such a method on large batches:
 * 2006, https://doi.org/10.1126/science.1127647.
 *
 * @example
 * ```ts
 * import { conjugateGradient, scaleByBacktrackingLinesearch } from "@layerwise/optim";
 *
 * const optimizer = conjugateGradient();
 * const cheaper = conjugateGradient({ linesearch: scaleByBacktrackingLinesearch() });
 * ```
 */
export function conjugateGradient(options?: {
  readonly linesearch?: undefined;
}): GradientTransformation<
  ConjugateGradientState<ScaleByZoomLinesearchState>,
  Omit<LinesearchExtra, "grad">
>;
export function conjugateGradient<Linesearch extends AnyTransformation>(options: {
  readonly linesearch: Linesearch;
}): GradientTransformation<
  ConjugateGradientState<OptimizerState<Linesearch>>,
  Omit<ExtraOf<Linesearch>, "grad">
>;
export function conjugateGradient({
  linesearch = scaleByZoomLinesearch({ curvRtol: 0.1, initialGuess: "slope" }),
}: {
  readonly linesearch?: AnyTransformation | undefined;
} = {}): unknown {
  return withGrads(chain(scaleByConjugateGradient(), scale(-1), linesearch));
}
