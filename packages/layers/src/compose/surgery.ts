import { type TensorTree, treeSet } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Layer, LayerContainer, Shape, Variables } from "../core/layer.ts";
import { LayerError } from "../core/layer-error.ts";
import { type Sequential, sequential } from "./sequential.ts";

/** A layer and its variables: what surgery changes together. */
export interface Model<
  Params extends TensorTree = TensorTree,
  State extends TensorTree = TensorTree,
> {
  readonly layer: Layer<Params, State>;
  readonly variables: Variables<Params, State>;
}

/**
 * The same model with the layer at a path, such as `"encoder.0"`, replaced by another.
 *
 * Tensors are not copied: the result shares those of both models, and the old layer's stay with
 * their owner. Looks into `sequential`, `parallel`, `residual`, `freeze`, `tie` and all layers with
 * `mapLayers`. Throws for an unknown path, listing the names that exist there.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { dense, replaceLayer, sequential } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const net = sequential({ body: dense({ units: 4 }), out: dense({ units: 10 }) });
 * const model = { layer: net, variables: net.init(random.key(0), [8]) };
 * const out = dense({ units: 2 });
 * const changed = replaceLayer(model, "out", { layer: out, variables: out.init(random.key(1), [4]) });
 * const { y } = changed.layer.apply(changed.variables, tf.ones([1, 8]));
 * if (y.shape.join() !== "1,2") throw new Error(String(y.shape));
 * ```
 */
export function replaceLayer<
  Params extends TensorTree,
  State extends TensorTree,
  NewParams extends TensorTree,
  NewState extends TensorTree,
>(
  { layer, variables }: Model<Params, State>,
  path: string,
  replacement: Model<NewParams, NewState>,
): Model {
  const made = replaceAt(
    layer as unknown as Layer,
    path,
    replacement.layer as unknown as Layer,
    "",
  );
  const { params, state } = replacement.variables;
  return {
    layer: made,
    variables: {
      params: treeSet(variables.params as TensorTree, path, params as TensorTree),
      state: treeSet(variables.state as TensorTree, path, state as TensorTree),
    },
  };
}

/**
 * The first layers of a {@link sequential} model; a negative count leaves so many out at the end.
 *
 * Tensors are shared with the model, not copied.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { dense, sequential, takeLayers } from "@layerwise/layers";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const net = sequential([dense({ units: 4 }), dense({ units: 3 }), dense({ units: 10 })]);
 * const features = takeLayers({ layer: net, variables: net.init(random.key(0), [8]) }, -1);
 * if (features.layer.outputShape([8]).join() !== "3") throw new Error("shape");
 * ```
 */
export function takeLayers<Params extends TensorTree, State extends TensorTree>(
  { layer, variables }: Model<Params, State>,
  count: number,
): { readonly layer: Sequential; readonly variables: Variables } {
  if (!isSequential(layer)) {
    throw new LayerError("takeLayers", `expected a sequential model, got ${layer.kind}`);
  }
  const entries = Object.entries(layer.layers);
  if (!Number.isInteger(count) || Math.abs(count) > entries.length) {
    const wanted = `expected a whole number of at most ${entries.length} layers`;
    throw new LayerError("takeLayers", `${wanted}, got ${count}`);
  }
  const taken = entries.slice(0, count);
  const isList = taken.every(([name], i) => name === String(i));
  const layers = isList ? taken.map(([, part]) => part) : Object.fromEntries(taken);
  const pick = (tree: TensorTree): TensorTree =>
    Object.fromEntries(
      taken.map(([name]) => [
        name,
        (tree as { readonly [name: string]: TensorTree })[name] ?? null,
      ]),
    );
  return {
    layer: sequential(layers) as Sequential,
    variables: { params: pick(variables.params), state: pick(variables.state) },
  };
}

/** Arguments of {@link withHead} that are needed to make the head's variables. */
export interface HeadOptions {
  readonly key: Tensor;
  /** The shape of the model's input, without the batch axis. */
  readonly inputShape: Shape;
}

/**
 * A model with a new layer behind it, under the names `body` and `head`, for fine-tuning.
 *
 * The body's tensors are shared with the model. To exchange the last layer, {@link takeLayers} first.
 * The names are made for `freeze(layer, { body: true, head: false })` and the optimizers'
 * `partition({ … }, { body: "slow", head: "fast" })`.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { dense, sequential, takeLayers, withHead } from "@layerwise/layers";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const net = sequential([dense({ units: 4 }), dense({ units: 1000 })]);
 * const model = { layer: net, variables: net.init(random.key(0), [8]) };
 * const head = dense({ units: 2 });
 * const tuned = withHead(takeLayers(model, -1), head, { key: random.key(1), inputShape: [8] });
 * if (tuned.variables.params.head.kernel.shape.join() !== "4,2") throw new Error("kernel");
 * ```
 */
export function withHead<
  Params extends TensorTree,
  State extends TensorTree,
  HeadParams extends TensorTree,
  HeadState extends TensorTree,
>(
  { layer, variables }: Model<Params, State>,
  head: Layer<HeadParams, HeadState>,
  { key, inputShape }: HeadOptions,
): Model<
  { readonly body: Params; readonly head: HeadParams },
  { readonly body: State; readonly head: HeadState }
> {
  const made = head.init(key, layer.outputShape(inputShape));
  const joined = sequential({
    body: layer as unknown as Layer,
    head: head as unknown as Layer,
  });
  return {
    layer: joined as unknown as Layer<
      { readonly body: Params; readonly head: HeadParams },
      { readonly body: State; readonly head: HeadState }
    >,
    variables: {
      params: { body: variables.params, head: made.params },
      state: { body: variables.state, head: made.state },
    },
  };
}

function replaceAt(layer: Layer, path: string, replacement: Layer, at: string): Layer {
  if (path === "") return replacement;
  const known: string[] = [];
  let found = false;
  const exchange = (child: Layer, name = ""): Layer => {
    // Without a name of its own a child has the variables, and the path, of what is around it.
    if (name === "") {
      found = true;
      return replaceAt(child, path, replacement, at);
    }
    known.push(name);
    if (path !== name && !path.startsWith(`${name}.`)) return child;
    found = true;
    const below = path.slice(name.length + 1);
    return replaceAt(child, below, replacement, at === "" ? name : `${at}.${name}`);
  };
  const made = "mapLayers" in layer ? (layer as LayerContainer).mapLayers(exchange) : layer;
  if (found) return made;
  const inside = known.length === 0 ? "no layers" : `layers ${known.join(", ")}`;
  const where = at === "" ? layer.kind : `${at} (${layer.kind})`;
  const wanted = `expected a layer ${JSON.stringify(path)} in ${where}`;
  throw new LayerError("replaceLayer", `${wanted}, got ${inside}`);
}

function isSequential(layer: object): layer is Sequential {
  return "kind" in layer && layer.kind === "sequential" && "layers" in layer;
}
