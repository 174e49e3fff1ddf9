import {
  adam,
  adamW,
  adaptiveGradClip,
  addDecayedWeights,
  applyEvery,
  applyIfFinite,
  chain,
  clip,
  clipByBlockRms,
  clipByGlobalNorm,
  clipByNorm,
  conditionallyMask,
  conditionallyTransform,
  constantSchedule,
  cosineDecaySchedule,
  decayMask,
  emaParams,
  identity,
  injectHyperparams,
  joinSchedules,
  layerDecay,
  linearSchedule,
  masked,
  multiSteps,
  namedChain,
  paramGroups,
  partition,
  scale,
  scaleByAdam,
  scaleByLearningRate,
  sgd,
  skipNotFinite,
  swaParams,
  withAverage,
  zeroNans,
} from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import { type Row, row } from "../support/row.ts";

const learningRate = 0.1;
const ADAM = 'optax adam {"learning_rate":0.1}';
const CLIPPED_ADAM = 'optax chain(clip_by_global_norm1,adam) {"learning_rate":0.1}';

// Vectors and matrices apart, and whatever is neither with the vectors.
const byRank = (_path: string, leaf: tf.Tensor) => (leaf.rank > 1 ? "matrices" : "vectors");

export const rows: readonly Row[] = [
  row({
    name: "a chain of chains",
    make: (learningRate) =>
      chain(
        identity(),
        chain(clipByGlobalNorm(5), addDecayedWeights(0)),
        chain(scale(2), scaleByAdam()),
        scaleByLearningRate(learningRate),
      ),
    golden: {
      [CLIPPED_ADAM]: () => chain(clipByGlobalNorm(1), adam({ learningRate })),
      'optax sched cosine adam {"learning_rate":0.1}': () =>
        adam({
          learningRate: joinSchedules(
            [
              linearSchedule({ initValue: 0, endValue: learningRate, steps: 10 }),
              cosineDecaySchedule({ initValue: learningRate, steps: 40, alpha: 0.1 }),
            ],
            [10],
          ),
        }),
    },
    // The global norm.
    contract: { couplesLeaves: true },
  }),
  row({
    name: "namedChain",
    make: (learningRate) =>
      namedChain({ adam: scaleByAdam(), rate: scaleByLearningRate(learningRate) }),
    golden: {
      [CLIPPED_ADAM]: () =>
        namedChain({
          clip: clipByGlobalNorm(1),
          adam: scaleByAdam(),
          rate: scaleByLearningRate(learningRate),
        }),
    },
  }),
  row({
    name: "clip",
    make: (learningRate) => chain(clip(5), sgd({ learningRate })),
    golden: {
      'optax chain(clip.5,sgd) {"learning_rate":0.1}': () =>
        chain(clip(0.5), sgd({ learningRate })),
    },
  }),
  row({
    name: "clipByNorm",
    make: (learningRate) => chain(clipByNorm(5), sgd({ learningRate })),
  }),
  row({
    name: "clipByBlockRms",
    make: (learningRate) => chain(clipByBlockRms(5), sgd({ learningRate })),
    golden: {
      'optax chain(clip_by_block_rms.5,sgd) {"learning_rate":0.1}': () =>
        chain(clipByBlockRms(0.5), sgd({ learningRate })),
    },
  }),
  row({
    name: "adaptiveGradClip",
    seesTensors: true,
    make: (learningRate) => chain(adaptiveGradClip(1), sgd({ learningRate })),
    golden: {
      "optax-0.2.8 jax-0.10.2 x64 chain(adaptive_grad_clip.1,sgd) {}": () =>
        chain(adaptiveGradClip(0.1), sgd({ learningRate })),
    },
  }),
  row({
    name: "partition",
    seesTensors: true,
    make: (learningRate) =>
      paramGroups(adam, { learningRate }, { vectors: { match: byVector, b1: 0.8 } }),
    golden: {
      "optax-0.2.8 jax-0.10.2 x64 partition(adam,sgd) {}": () =>
        partition(
          {
            a: chain(clipByGlobalNorm(1), adam({ learningRate })),
            s: sgd({ learningRate, momentum: 0.9 }),
          },
          { w: "a", b: "s" },
        ),

      [ADAM]: () =>
        partition({ matrices: adam({ learningRate }), vectors: adam({ learningRate }) }, byRank),
    },
  }),
  row({
    name: "masked and layerDecay",
    seesTensors: true,
    make: (learningRate) =>
      chain(
        scaleByAdam(),
        masked(addDecayedWeights(1e-3), decayMask),
        scaleByLearningRate(learningRate),
        layerDecay(0.9),
      ),
    golden: {
      "optax-0.2.8 jax-0.10.2 x64 masked(add_decayed_weights.1) {}": () =>
        chain(masked(addDecayedWeights(0.1), { w: true, b: false }), sgd({ learningRate })),

      [ADAM]: () =>
        chain(
          masked(adam({ learningRate }), () => true),
          layerDecay(0.5),
        ),
    },
    // A decayed parameter moves without a gradient, by design.
    contract: { zeroGradientIsNoOp: false },
  }),
  row({
    name: "injectHyperparams",
    make: (learningRate) =>
      injectHyperparams(adam, { learningRate: constantSchedule(learningRate), b1: 0.9 }),
    golden: {
      "optax-0.2.8 jax-0.10.2 x64 inject(adamw,linear) {}": () =>
        injectHyperparams(adamW, {
          learningRate,
          b1: linearSchedule({ initValue: 0.5, endValue: 0.9, steps: 20 }),
          weightDecay: 0.01,
        }),

      [ADAM]: () => injectHyperparams(adam, { learningRate, b1: 0.9, b2: 0.999, eps: 1e-8 }),
      'optax adamw {"learning_rate":0.1,"weight_decay":0.01}': () =>
        injectHyperparams(adamW, { learningRate, weightDecay: 0.01 }),
      'optax sgd {"learning_rate":0.1,"momentum":0.9,"nesterov":true}': () =>
        injectHyperparams(sgd, { learningRate, momentum: 0.9, nesterov: true }),
    },
  }),
  row({
    name: "multiSteps",
    make: (learningRate) => multiSteps(adam({ learningRate }), { every: 2, skip: skipNotFinite }),
    golden: {
      "optax-0.2.8 jax-0.10.2 x64 multi_steps4(chain(clip_by_global_norm1,adamw.1)) {}": () =>
        multiSteps(chain(clipByGlobalNorm(1), adamW({ learningRate, weightDecay: 0.1 })), {
          every: 4,
        }),
      "optax-0.2.8 jax-0.10.2 x64 multi_steps4(sum,sgd) {}": () =>
        multiSteps(sgd({ learningRate }), { every: () => tf.scalar(4, "int32"), useMean: false }),
      [ADAM]: () => multiSteps(adam({ learningRate }), { every: 1 }),
    },
    // Skipping looks at all leaves.
    contract: { couplesLeaves: true },
  }),
  row({
    name: "applyEvery",
    make: (learningRate) => chain(sgd({ learningRate }), applyEvery(2)),
    golden: {
      'optax apply_every4 {"learning_rate":0.1}': () => chain(sgd({ learningRate }), applyEvery(4)),
    },
    // A sum of two steps has twice the rate: at 1e-3 the ravine's curvature of 1000 is just unstable.
    contract: { valleyRate: 5e-4 },
  }),
  row({
    name: "applyIfFinite",
    make: (learningRate) => applyIfFinite(adam({ learningRate }), { maxConsecutiveErrors: 3 }),
    golden: { [ADAM]: () => applyIfFinite(adam({ learningRate })) },
    // A NaN anywhere stops all.
    contract: { couplesLeaves: true },
  }),
  row({
    name: "conditionally",
    make: (learningRate) =>
      conditionallyTransform(
        conditionallyMask(adam({ learningRate }), (_grads, count) => tf.less(count, 100_000)),
        (_grads, count) => tf.less(count, 100_000),
      ),
    golden: { [ADAM]: () => conditionallyMask(adam({ learningRate }), () => tf.scalar(1, "bool")) },
  }),
  row({
    name: "zeroNans",
    make: (learningRate) => chain(zeroNans(), adam({ learningRate })),
    golden: { [ADAM]: () => chain(zeroNans(), adam({ learningRate })) },
  }),
  row({
    name: "wrappers of wrappers",
    seesTensors: true,
    make: (learningRate) => {
      const vectors = namedChain({
        adam: injectHyperparams(adam, { learningRate, b1: 0.8 }),
        noDecay: masked(addDecayedWeights(1), decayMask),
      });
      const groups = { vectors: { match: byVector, tx: vectors } };
      const grouped = paramGroups(adamW, { learningRate, weightDecay: 0 }, groups);
      return withAverage(applyIfFinite(multiSteps(grouped, { every: 2 })), emaParams());
    },
    // A NaN anywhere stops all.
    contract: { couplesLeaves: true },
  }),
  row({
    name: "withAverage",
    make: (learningRate) =>
      withAverage(adam({ learningRate }), emaParams({ decay: 0.5, warmup: true }), {
        overwriteEvery: 4,
      }),
    golden: { [ADAM]: () => withAverage(adam({ learningRate }), swaParams({ start: 3 })) },
  }),
];

function byVector(_path: string, leaf: tf.Tensor): boolean {
  return leaf.rank <= 1;
}
