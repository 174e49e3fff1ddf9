import { conjugateGradient, lbfgs, scaleByBacktrackingLinesearch } from "@layerwise/optim";
import { type Row, row } from "../support/row.ts";

export const rows: readonly Row[] = [
  row({
    name: "lbfgs (zoom)",
    make: () => lbfgs(),
    contract: { couplesLeaves: true },
  }),
  row({
    name: "lbfgs (backtracking)",
    make: () => lbfgs({ linesearch: scaleByBacktrackingLinesearch({ increaseFactor: Infinity }) }),
    contract: { couplesLeaves: true },
  }),
  row({
    name: "lbfgs without line search",
    make: (learningRate) => lbfgs({ learningRate, linesearch: null }),
    golden: {
      'optax lbfgs_nolinesearch {"learning_rate":0.01,"memory_size":5}': () =>
        lbfgs({
          learningRate: 0.01,
          memorySize: 5,
          negativeCurvature: "keep",
          linesearch: null,
        }),
    },
    contract: { couplesLeaves: true },
  }),
  row({
    name: "conjugate gradient",
    make: () => conjugateGradient(),
    contract: { couplesLeaves: true },
  }),
];
