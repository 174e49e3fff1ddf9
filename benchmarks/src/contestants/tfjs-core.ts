import { cpu } from "@layerwise/cpu";
import * as tf from "@tensorflow/tfjs-core";
// In Node this is what registers the gradients of tfjs-core's kernels.
import "@tensorflow/tfjs-layers";
import type { Contestant } from "./contestant.ts";
import { forward, lossOf, tfOptimizer, toBatches, toTensor } from "./tfjs-model.ts";

/** `optimizer.minimize` of plain tfjs-core, with the matrix products repaired by `@layerwise/cpu`. */
export const contestant = async (): Promise<Contestant> => {
  await cpu();
  return {
    versions: { "@tensorflow/tfjs-core": tf.version_core },
    start: async (fixtures) => {
      const { workload } = fixtures;
      const params = fixtures.params.map((values) => tf.variable(toTensor(values)));
      const batches = toBatches(fixtures);
      const loss = lossOf(workload);
      const optimizer = tfOptimizer(workload);
      return {
        step: async (index) => {
          const { x, y } = batches[index] as { x: tf.Tensor; y: tf.Tensor };
          const compute = (): tf.Scalar => loss(y, forward(workload, params, x));
          const cost = optimizer.minimize(compute, true, params) as tf.Scalar;
          const [value] = await cost.data();
          cost.dispose();
          return value as number;
        },
      };
    },
  };
};
