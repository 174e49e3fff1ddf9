import { constant, treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import {
  abs,
  add,
  div,
  less,
  logicalOr,
  max,
  maximum,
  mul,
  sub,
  sum,
  tidy,
  where,
} from "@tensorflow/tfjs-core";
import { type Hyperparameter, oneMinus, plus, tensorOf } from "../core/arithmetic.ts";
import { checkRange } from "../core/check.ts";
import { mapTensors } from "../core/map.ts";
import { normAlong } from "../core/norm-along.ts";
import type { GradientTransformation } from "../core/transformation.ts";
import { requireParams } from "../core/transformation.ts";

/** Options of {@link projectRadial}. */
export interface ProjectRadialOptions {
  /** Weights count as scale-invariant below the cosine δ/√n. Default 0.1. */
  readonly delta?: Hyperparameter | undefined;
  /** The decay λ, added to the updates as λ θ. Default 0. */
  readonly weightDecay?: Hyperparameter | undefined;
  /** What is left of the decay where the weights are scale-invariant. Default 0.1. */
  readonly wdRatio?: Hyperparameter | undefined;
  /**
   * The decay μ of an inner momentum *sum*: its steps are 1 / (1 − μ) times longer, so weight decay is made
   * as much stronger. Default 0.
   */
  readonly momentum?: Hyperparameter | undefined;
  /** Added to norms that divide. Default 1e-8. */
  readonly eps?: Hyperparameter | undefined;
  /** The axis of a weight tensor that counts its outputs: −1 (default) here, 0 in PyTorch's layout. */
  readonly channelAxis?: number | undefined;
}

/**
 * Takes the radial part out of the updates of scale-invariant weights, such as those before a
 * normalization layer: momentum would only make them longer and so their effective steps smaller.
 *
 * Wraps the transformation that makes the updates u. A tensor of rank 2 or more is scale-invariant where the
 * gradient is nearly orthogonal to it: |cos(g, θ)| < δ/√n for each output channel, else for the whole tensor, with
 * n elements each. Then u ← u − θ̄ (θ̄ · u) with θ̄ = θ/‖θ‖, per channel or for the whole tensor, and the decay
 * λ θ is reduced to `wdRatio`. Reference: Heo et al., 2021, https://arxiv.org/abs/2006.08217, algorithms 2 and 3.
 *
 * @example
 * ```ts
 * import { chain, projectRadial, scaleByAdan, scaleByLearningRate } from "@layerwise/optim";
 *
 * const adanP = chain(projectRadial(scaleByAdan(), { weightDecay: 1e-2 }), scaleByLearningRate(1e-2));
 * ```
 */
export function projectRadial<State>(
  inner: GradientTransformation<State>,
  {
    delta = 0.1,
    weightDecay = 0,
    wdRatio = 0.1,
    momentum = 0,
    eps = 1e-8,
    channelAxis = -1,
  }: ProjectRadialOptions = {},
): GradientTransformation<State> {
  checkRange("projectRadial: delta", delta, 0);
  checkRange("projectRadial: weightDecay", weightDecay, 0);
  checkRange("projectRadial: wdRatio", wdRatio, 0);
  checkRange("projectRadial: momentum", momentum, 0, 1);
  checkRange("projectRadial: eps", eps, 0);

  const decayed = (u: Tensor, p: Tensor, ratio: Tensor): Tensor => {
    if (weightDecay === 0) return u;
    const by = div(mul(tensorOf(weightDecay), ratio), tensorOf(oneMinus(momentum)));
    return add(u, mul(by, p));
  };
  const project = (u: Tensor, g: Tensor, p: Tensor): Tensor => {
    const one = constant(1);
    if (p.rank < 2) return decayed(u, p, one);
    const axes = p.shape.map((_, axis) => axis);
    const channel = axes.filter((axis) => axis !== (channelAxis + p.rank) % p.rank);
    const [perChannel, perTensor] = [channel, axes].map((over) => ({
      orthogonal: isOrthogonal(g, p, over, delta, eps),
      rest: tangential(u, p, over, eps),
    })) as [View, View];
    const rest = where(
      perChannel.orthogonal,
      perChannel.rest,
      where(perTensor.orthogonal, perTensor.rest, u),
    );
    const invariant = logicalOr(perChannel.orthogonal, perTensor.orthogonal);
    return decayed(rest, p, where(invariant, tensorOf(wdRatio), one));
  };
  return {
    init: (params) => inner.init(params),
    update: (grads, state, ...rest) =>
      treeTidy(() => {
        const params = requireParams("projectRadial", rest[0]);
        const next = inner.update(grads, state, ...rest);
        return { updates: mapTensors(project, next.updates, grads, params), state: next.state };
      }),
  };
}

type View = { readonly orthogonal: Tensor; readonly rest: Tensor };

/** Whether the cosines of two tensors are all below δ/√n, n the number of elements that a sum is over. */
function isOrthogonal(
  g: Tensor,
  p: Tensor,
  axes: number[],
  delta: Hyperparameter,
  eps: Hyperparameter,
): Tensor {
  return tidy(() => {
    const size = axes.reduce((n, axis) => n * (p.shape[axis] ?? 1), 1);
    const lengths = maximum(mul(normAlong(g, axes), normAlong(p, axes)), tensorOf(eps));
    const cosines = div(abs(sum(mul(g, p), axes, true)), lengths);
    return less(max(cosines), div(tensorOf(delta), constant(Math.sqrt(size))));
  });
}

/** u − θ̄ (θ̄ · u). */
function tangential(u: Tensor, p: Tensor, axes: number[], eps: Hyperparameter): Tensor {
  return tidy(() => {
    const radius = div(p, plus(normAlong(p, axes), eps));
    return sub(u, mul(radius, sum(mul(radius, u), axes, true)));
  });
}
