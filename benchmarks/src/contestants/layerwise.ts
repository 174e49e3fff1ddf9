import { compile, type TensorTree, valueAndGrad } from "@layerwise/autodiff";
import { type CPUOptions, cpu } from "@layerwise/cpu";
import { sigmoidBinaryCrossEntropy, softmaxCrossEntropy } from "@layerwise/layers";
import { adam, applyUpdates, type GradientTransformation, sgd } from "@layerwise/optim";
import * as tf from "@tensorflow/tfjs-core";
import type { Fixtures } from "../fixtures.ts";
import type { Workload } from "../workloads.ts";
import type { Contestant } from "./contestant.ts";
import { contrastiveDivergence } from "./rbm.ts";
import { forward, toBatches, toTensor } from "./tfjs-model.ts";

/** What one step hands to the next. */
export interface Carry {
  readonly params: tf.Tensor[];
  readonly state: TensorTree;
}

/** The whole step as one function of tensors, before `compile`. */
export function stepOf(
  workload: Workload,
): (carry: Carry, x: tf.Tensor, y: tf.Tensor) => Carry & { readonly loss: tf.Tensor } {
  if (workload.kind === "rbm") {
    return ({ params, state }, x, y) => ({
      ...contrastiveDivergence(workload, params, x, y),
      state,
    });
  }
  const optimizer = optimizerOf(workload);
  const loss = (params: tf.Tensor[], x: tf.Tensor, y: tf.Tensor): tf.Tensor => {
    const output = forward(workload, params, x);
    if (workload.kind === "mlp") return softmaxCrossEntropy(output, y);
    if (workload.kind === "tied") return sigmoidBinaryCrossEntropy(output, y);
    return tf.mean(tf.square(tf.sub(output, y)));
  };
  return ({ params, state }, x, y) => {
    const { value, grad } = valueAndGrad(loss)(params, x, y);
    const update = optimizer.update(grad, state, params);
    return {
      params: applyUpdates(params, update.updates),
      state: update.state as TensorTree,
      loss: value,
    };
  };
}

/** Initial weights and optimizer state on the device. */
export function begin({ workload, params: values }: Fixtures): Carry {
  const params = values.map(toTensor);
  return { params, state: optimizerOf(workload).init(params) as TensorTree };
}

const optimizerOf = ({ optimizer }: Workload): GradientTransformation =>
  optimizer.kind === "sgd" ? sgd(optimizer) : adam(optimizer);

/** `compile` on `@layerwise/cpu`. */
export const contestant = async (options: CPUOptions): Promise<Contestant> => {
  await cpu(options);
  return {
    versions: { "@tensorflow/tfjs-core": tf.version_core },
    start: async (fixtures) => {
      if (fixtures.workload.fit !== undefined) throw new Error("has no model.fit");
      const step = compile(stepOf(fixtures.workload), { donate: [0] });
      const batches = toBatches(fixtures);
      let carry = begin(fixtures);
      return {
        step: async (index) => {
          const { x, y } = batches[index] as { x: tf.Tensor; y: tf.Tensor };
          const { loss, ...next } = step(carry, x, y);
          carry = next;
          const [value] = await loss.data();
          loss.dispose();
          return value as number;
        },
      };
    },
  };
};
