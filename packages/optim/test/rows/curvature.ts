import { adaHessian, sophia } from "@layerwise/optim";
import { type Row, row } from "../support/row.ts";

// A leaf's probes are drawn with its path.
const namesSeedDraws = true;

export const rows: readonly Row[] = [
  row({
    name: "sophia",
    make: (learningRate) => sophia({ learningRate, weightDecay: 0 }),
    contract: { namesSeedDraws },
  }),
  row({
    name: "adaHessian",
    make: (learningRate) => adaHessian({ learningRate }),
    contract: { namesSeedDraws },
  }),
];
