import {
  adam,
  addDecayedWeights,
  chain,
  clipByGlobalNorm,
  cosineDecaySchedule,
  identity,
  joinSchedules,
  linearSchedule,
  scale,
  scaleByAdam,
  scaleByLearningRate,
} from "@layerwise/optim";
import { type Row, row } from "../support/row.ts";

const learningRate = 0.1;

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
      'optax chain(clip_by_global_norm1,adam) {"learning_rate":0.1}': () =>
        chain(clipByGlobalNorm(1), adam({ learningRate })),
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
];
