import {
  addDecayedWeights,
  chain,
  constantSchedule,
  scheduleFree,
  scheduleFreeAdamW,
  scheduleFreeSgd,
  sgd,
} from "@layerwise/optim";
import { type Row, row } from "../support/row.ts";

const learningRate = 0.1;

export const rows: readonly Row[] = [
  row({
    name: "scheduleFreeSgd",
    make: (learningRate) => scheduleFreeSgd({ learningRate }),
    golden: {
      'optax schedule_free_sgd {"learning_rate":0.1}': () => scheduleFreeSgd({ learningRate }),
      'optax-0.2.8 schedule_free_sgd {"learning_rate":0.1,"b1":0.8,"weight_decay":0.01}': () =>
        scheduleFreeSgd({ learningRate, b1: 0.8, weightDecay: 0.01 }),
      'pytorch_optimizer-3.8.0 ScheduleFreeSGD {"lr":0.1,"momentum":0.9,"weight_decay":0.01}': () =>
        scheduleFreeSgd({ learningRate, weightDecay: 0.01 }),
    },
  }),
  row({
    name: "scheduleFreeAdamW",
    make: (learningRate) => scheduleFreeAdamW({ learningRate }),
    golden: {
      'optax-0.2.8 schedule_free_adamw {"learning_rate":0.1}': () =>
        scheduleFreeAdamW({ learningRate }),
      'optax-0.2.8 schedule_free_adamw {"learning_rate":0.1,"weight_decay":0.01,"eps":0.001}': () =>
        scheduleFreeAdamW({ learningRate, weightDecay: 0.01, eps: 1e-3 }),
      'pytorch_optimizer-3.8.0 ScheduleFreeAdamW {"lr":0.1,"eps":0.001}': () =>
        scheduleFreeAdamW({ learningRate, eps: 1e-3 }),
    },
    // The average forgets the way there like 1/t: it must not be long.
    contract: { sphereRate: 0.3 },
  }),
  row({
    name: "scheduleFree(sgd) with a schedule",
    make: (rate) => {
      const learningRate = constantSchedule(rate);
      return scheduleFree(chain(addDecayedWeights(0), sgd({ learningRate })), { learningRate });
    },
  }),
];
