import { constantSchedule, linearSchedule, madgrad } from "@layerwise/optim";
import { type Row, row } from "../support/row.ts";

export const rows: readonly Row[] = [
  row({
    name: "madgrad",
    make: (learningRate) => madgrad({ learningRate }),
    golden: {
      'optax madgrad {"learning_rate":0.1}': () => madgrad({ learningRate: 0.1 }),
    },
  }),
  row({
    name: "madgrad without momentum",
    make: (learningRate) => madgrad({ learningRate, momentum: 0 }),
    golden: {
      'optax-0.2.8 madgrad, square root in float64 {"learning_rate":0.1,"momentum":0}': () =>
        madgrad({ learningRate: 0.1, momentum: 0 }),
    },
  }),
  row({
    name: "madgrad with a schedule",
    make: (rate) => madgrad({ learningRate: constantSchedule(rate) }),
    golden: {
      'optax-0.2.8 madgrad, square root in float64 {"learning_rate":"0.1 (1 - t / 50)","momentum":0.5,"weight_decay":0.01,"eps":0.001}':
        () =>
          madgrad({
            learningRate: linearSchedule({ initValue: 0.1, endValue: 0, steps: 50 }),
            momentum: 0.5,
            weightDecay: 0.01,
            eps: 1e-3,
          }),
    },
  }),
];
