import { compile, type TensorTree, treeDispose, treeTidy } from "@layerwise/autodiff";
import { cpu } from "@layerwise/cpu";
import {
  adaGrad,
  adam,
  applyUpdates,
  type GradientTransformation,
  rmsProp,
  sgd,
} from "@layerwise/optim";
import "@tensorflow/tfjs-backend-cpu";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";

const learningRate = 0.01;

/** A rule as we have it and as tfjs has it, with settings that make them the same. */
export interface Rule {
  readonly ours: () => GradientTransformation;
  readonly theirs: () => tf.Optimizer;
}

export const rules: Readonly<Record<string, Rule>> = {
  sgd: {
    ours: () => sgd({ learningRate }),
    theirs: () => tf.train.sgd(learningRate),
  },
  momentum: {
    ours: () => sgd({ learningRate, momentum: 0.9 }),
    theirs: () => tf.train.momentum(learningRate, 0.9),
  },
  adam: {
    ours: () => adam({ learningRate, eps: 1e-7 }),
    theirs: () => tf.train.adam(learningRate, 0.9, 0.999, 1e-7),
  },
  rmsProp: {
    ours: () => rmsProp({ learningRate, eps: 1e-7 }),
    theirs: () => tf.train.rmsprop(learningRate, 0.9, 0, 1e-7),
  },
  adaGrad: {
    ours: () => adaGrad({ learningRate, eps: 1e-7 }),
    theirs: () => tf.train.adagrad(learningRate, 0.1),
  },
};

export const backends = ["layerwise-cpu", "cpu", "wasm"] as const;
export type BackendName = (typeof backends)[number];

/** Makes all backends known. */
export async function prepareBackends(): Promise<void> {
  setWasmPaths(new URL(".", import.meta.resolve("@tensorflow/tfjs-backend-wasm")).pathname);
  await cpu();
  await tf.setBackend("wasm");
  await tf.setBackend("cpu");
}

/** Parameters of a run of updates. */
export interface Updating {
  /** One update of all parameters, after which the shortest of them is known to the program. */
  readonly update: () => void;
  /** The first numbers of every parameter. */
  readonly read: () => number[];
  readonly end: () => void;
}

export interface Contestant {
  readonly name: string;
  readonly backend: BackendName;
  /** Everything is made on the active backend. */
  readonly start: (rule: Rule, tensors: number) => Updating;
}

export const contestants: readonly Contestant[] = [
  { name: "compiled", backend: "layerwise-cpu", start: compiled },
  ...backends.flatMap((backend) => [
    { name: `eager on ${backend}`, backend, start: eager },
    { name: `tf.train on ${backend}`, backend, start: train },
  ]),
];

/** Kernels and biases of layers with 64 inputs and 64 units, `count` tensors together. */
function layers(count: number, seed: number): Record<string, tf.Tensor> {
  const entries = Array.from({ length: count }, (_, i) => {
    const [name, shape] = i % 2 === 0 ? (["kernel", [64, 64]] as const) : (["bias", [64]] as const);
    return [`${i >> 1}/${name}`, tf.randomNormal([...shape], 0, 1, "float32", seed + i)] as const;
  });
  return Object.fromEntries(entries);
}

/** The one whose values are read after an update: a bias, where there is one. */
const probe = (tree: Readonly<Record<string, tf.Tensor>>): tf.Tensor =>
  (tree["0/bias"] ?? tree["0/kernel"]) as tf.Tensor;

const samples = (tree: Readonly<Record<string, tf.Tensor>>): number[] =>
  Object.values(tree).flatMap((x) => [...x.dataSync().slice(0, 4)]);

function functional(
  { ours }: Rule,
  tensors: number,
  wrap: (step: Step) => Step & { dispose?: () => void },
): Updating {
  const optimizer = ours();
  const grads = layers(tensors, 1000);
  let params = layers(tensors, 1);
  let state = optimizer.init(params) as TensorTree;
  const step = wrap((p, s, g) => {
    const next = optimizer.update(g, s, p);
    return [applyUpdates(p, next.updates), next.state as TensorTree];
  });
  return {
    update: () => {
      [params, state] = step(params, state, grads);
      probe(params).dataSync();
    },
    read: () => samples(params),
    end: () => {
      treeDispose([params, state, grads]);
      step.dispose?.();
    },
  };
}

type Tensors = Record<string, tf.Tensor>;
type Step = (params: Tensors, state: TensorTree, grads: Tensors) => [Tensors, TensorTree];

function compiled(rule: Rule, tensors: number): Updating {
  return functional(rule, tensors, (step) => compile(step, { donate: [0, 1] }));
}

function eager(rule: Rule, tensors: number): Updating {
  return functional(rule, tensors, (step) => (params, state, grads) => {
    const next = treeTidy(() => step(params, state, grads));
    treeDispose([params, state]);
    return next;
  });
}

function train({ theirs }: Rule, tensors: number): Updating {
  const optimizer = theirs();
  const named = Object.entries(layers(tensors, 1));
  const variables: Record<string, tf.Variable> = Object.fromEntries(
    named.map(([name, tensor]) => [name, tf.variable(tensor)]),
  );
  tf.dispose(named.map(([, tensor]) => tensor));
  const byPath = layers(tensors, 1000);
  const grads = Object.fromEntries(
    Object.entries(byPath).map(([path, grad]) => [variables[path]?.name ?? path, grad]),
  );
  return {
    update: () => {
      optimizer.applyGradients(grads);
      probe(variables).dataSync();
    },
    read: () => samples(variables),
    end: () => {
      optimizer.dispose();
      tf.dispose([variables, grads]);
    },
  };
}
