import type { Tensor } from "@tensorflow/tfjs-core";
import { adamW } from "../adam/adam.ts";
import type { ScaleByAdamState } from "../adam/scale-by-adam.ts";
import { addDecayedWeights } from "../core/add-decayed-weights.ts";
import type { Hyperparameter } from "../core/arithmetic.ts";
import { chain } from "../core/chain.ts";
import { checkLearningRate } from "../core/check.ts";
import type { LearningRate } from "../core/learning-rate.ts";
import type { LearningRateState } from "../core/scale.ts";
import { scaleByLearningRate } from "../core/scale.ts";
import type { EmptyState, GradientTransformation } from "../core/transformation.ts";
import { partitionBy } from "../wrappers/partition.ts";
import type { ScaleByMuonOptions, ScaleByMuonState } from "./scale-by-muon.ts";
import { scaleByMuon } from "./scale-by-muon.ts";
import type { ScaleByShapeOptions } from "./scale-by-shape.ts";
import { scaleByShape } from "./scale-by-shape.ts";

/** Options of {@link muon}. */
export interface MuonOptions extends ScaleByMuonOptions, ScaleByShapeOptions {
  /** The step size of the matrices, a number or a schedule. */
  readonly learningRate: LearningRate;
  /** The decay λ of the matrices, multiplied by the learning rate. Default 0. */
  readonly weightDecay?: Hyperparameter | undefined;
  /**
   * Which parameters are for Muon, by path and tensor: leave out embeddings and the last layer. They
   * must be matrices. Default: all matrices.
   */
  readonly useMuon?: ((path: string, leaf: Tensor) => boolean) | undefined;
  /** The step size of the other parameters. Default: `learningRate`. */
  readonly adamLearningRate?: LearningRate | undefined;
  /** Adam's decay of the first moment. Default 0.9. */
  readonly adamB1?: Hyperparameter | undefined;
  /** Adam's decay of the second moment. Default 0.999. */
  readonly adamB2?: Hyperparameter | undefined;
  /** Adam's number under the root. Default 0. */
  readonly adamEpsRoot?: Hyperparameter | undefined;
  /** The decay of the other parameters, multiplied by their learning rate. Default 0. */
  readonly adamWeightDecay?: Hyperparameter | undefined;
}

/** The state of {@link muon}. */
export type MuonState = {
  readonly muon: readonly [ScaleByMuonState, EmptyState, EmptyState, LearningRateState];
  readonly adam: readonly [ScaleByAdamState, EmptyState, LearningRateState];
};

/**
 * Muon: orthogonalized momentum for matrices, AdamW for all other parameters.
 *
 * W ← W − η (√max(1, units / inputs) · orthogonalize(momentum) + λ W); see {@link scaleByMuon}.
 *
 * As optax: `nesterov` and `eps` are for both parts, momentum is bias-corrected; PyTorch and Keras have
 * `debias: false`. Orthogonal steps are longer than Adam's: give Adam a learning rate of its own.
 * Reference: Jordan et al., 2024, https://kellerjordan.github.io/posts/muon.
 *
 * @example
 * ```ts
 * import { muon } from "@layerwise/optim";
 *
 * const optimizer = muon({
 *   learningRate: 0.02,
 *   adamLearningRate: 3e-4,
 *   useMuon: (path, leaf) => leaf.rank === 2 && !path.startsWith("head"),
 * });
 * ```
 */
export function muon(options: MuonOptions): GradientTransformation<MuonState> {
  const {
    learningRate,
    weightDecay = 0,
    consistentRms,
    useMuon = (_path, leaf) => leaf.rank === 2,
    adamLearningRate = learningRate,
    adamB1 = 0.9,
    adamB2 = 0.999,
    adamEpsRoot = 0,
    adamWeightDecay = 0,
    ...rest
  }: Partial<MuonOptions> = options ?? {};
  checkLearningRate("muon", learningRate);
  checkLearningRate("muon: adamLearningRate", adamLearningRate);
  const parts = {
    muon: chain(
      scaleByMuon(rest),
      scaleByShape({ consistentRms }),
      addDecayedWeights(weightDecay),
      scaleByLearningRate(learningRate),
    ),
    adam: adamW({
      learningRate: adamLearningRate,
      b1: adamB1,
      b2: adamB2,
      eps: rest.eps,
      epsRoot: adamEpsRoot,
      weightDecay: adamWeightDecay,
      nesterov: rest.nesterov ?? true,
    }),
  };
  const labels = (path: string, leaf: Tensor): "muon" | "adam" =>
    useMuon(path, leaf) ? "muon" : "adam";
  return partitionBy("muon", parts, labels, ["muon", "adam"]);
}
