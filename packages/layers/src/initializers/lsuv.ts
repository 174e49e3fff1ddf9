import {
  random,
  type TensorTree,
  treeDispose,
  treeMapWithPath,
  treePaths,
} from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { clone, div, keep, moments, tidy } from "@tensorflow/tfjs-core";
import { isContainer } from "../core/check.ts";
import type { Layer, Variables } from "../core/layer.ts";
import { LayerError } from "../core/layer-error.ts";
import { orthogonal } from "./orthogonal.ts";

/** Options of {@link lsuv}. */
export interface LsuvOptions {
  /** The key for the orthonormal start. Without it kernels start from what they are. */
  readonly key?: Tensor | undefined;
  /** How far from 1 the variance of a layer's output may stay. Default 0.1. */
  readonly tolerance?: number | undefined;
  /** How often a layer is divided at most. Default 10. */
  readonly maxTries?: number | undefined;
}

/**
 * Layer-sequential unit-variance initialization: new parameters under which every layer with a
 * kernel gives outputs of variance 1 on a batch of data.
 *
 * Each kernel starts orthonormal (if a `key` is given) and, from the first layer to the last, is
 * divided by the deviation of its layer's output until |variance − 1| < `tolerance`. Biases stay.
 * A kernel is a parameter named `kernel` of at least two axes; layers are found in `sequential`,
 * `parallel`, `residual`, `freeze`, `tie`. It is asynchronous since it reads the variances, once per
 * try, each after a pass through the model. The result is fresh, state included.
 *
 * Reference: Mishkin and Matas, All you need is a good init, 2015, https://arxiv.org/abs/1511.06422.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { activation, dense, lsuv, sequential } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const net = sequential([dense({ units: 32 }), activation("relu"), dense({ units: 32 })]);
 * const batch = random.normal(random.key(0), [64, 16]);
 * const variables = await lsuv(net, net.init(random.key(1), [16]), batch, { key: random.key(2) });
 * const variance = tf.moments(net.apply(variables, batch).y).variance.dataSync()[0] ?? 0;
 * if (Math.abs(variance - 1) > 0.1) throw new Error(String(variance));
 * ```
 */
export async function lsuv<Params extends TensorTree, State extends TensorTree>(
  layer: Layer<Params, State>,
  variables: Variables<Params, State>,
  batch: Tensor,
  { key, tolerance = 0.1, maxTries = 10 }: LsuvOptions = {},
): Promise<Variables<Params, State>> {
  if (!(tolerance > 0)) {
    throw new LayerError("lsuv", `expected a positive tolerance, got ${tolerance}`);
  }
  const model = layer as unknown as Layer;
  const paths = kernelLayers(model, batch.shape.slice(1), "").filter((path) =>
    treePaths(variables.params).includes(join(path, "kernel")),
  );
  if (paths.length === 0) {
    throw new LayerError("lsuv", `expected layers with a kernel in ${layer.kind}, got none`);
  }
  const state = mapLeaves((_path, leaf) => clone(leaf), variables.state);
  let params = orthonormalStart(variables.params, key);
  try {
    for (const path of paths) {
      for (let tries = 0; tries < maxTries; tries++) {
        const variance = outputVariance(model, path, { params, state }, batch);
        const [value = Number.NaN] = await variance.data();
        variance.dispose();
        if (!(value > 0 && value < Infinity)) {
          throw new LayerError("lsuv", `expected outputs that vary, got variance ${value}`, path);
        }
        if (Math.abs(value - 1) < tolerance) break;
        params = divided(params, join(path, "kernel"), Math.sqrt(value));
      }
    }
  } catch (error) {
    treeDispose({ params, state });
    throw error;
  }
  return { params: params as Params, state: state as State };
}

function orthonormalStart(params: TensorTree, key: Tensor | undefined): TensorTree {
  const init = orthogonal();
  let count = 0;
  return mapLeaves((path, leaf) => {
    if (key === undefined || !isKernel(path, leaf)) return clone(leaf);
    const place = count++;
    return tidy(() => init(random.foldIn(key, place), leaf.shape));
  }, params);
}

/** The same parameters with one divided; the old one is disposed. */
function divided(params: TensorTree, target: string, by: number): TensorTree {
  return mapLeaves((path, leaf) => {
    if (path !== target) return leaf;
    const scaled = div(leaf, by);
    leaf.dispose();
    return scaled;
  }, params);
}

/** The variance over batch and units of what the layer at a path gives. */
function outputVariance(model: Layer, path: string, variables: Variables, batch: Tensor): Scalar {
  let variance: Scalar | undefined;
  const probe = (layer: Layer, at: string): Layer => {
    if (isContainer(layer)) return layer.mapLayers((child, name) => probe(child, join(at, name)));
    if (at !== path) return layer;
    return Object.freeze({
      ...layer,
      apply: (own, x, options) => {
        const result = layer.apply(own, x, options);
        variance ??= keep(tidy(() => moments(result.y).variance as Scalar));
        return result;
      },
    } satisfies Layer);
  };
  tidy(() => {
    probe(model, "").apply(variables, batch);
  });
  if (variance === undefined) throw new LayerError("lsuv", "expected the layer to run", path);
  return variance;
}

/** The paths of the layers that are no containers, in the order in which they run. */
function kernelLayers(layer: Layer, inputShape: readonly number[], path: string): string[] {
  if (!isContainer(layer)) return [path];
  return layer
    .parts(inputShape)
    .flatMap(({ name, layer: part, inputShape: shape }) =>
      kernelLayers(part, shape, join(path, name)),
    );
}

const isKernel = (path: string, leaf: Tensor): boolean =>
  /(^|\.)kernel$/.test(path) && leaf.rank > 1;

const join = (path: string, name: string): string => [path, name].filter(Boolean).join(".");

const mapLeaves = (fn: (path: string, leaf: Tensor) => Tensor, tree: TensorTree): TensorTree =>
  treeMapWithPath(fn as (path: string, leaf: unknown) => unknown, tree as unknown) as TensorTree;
