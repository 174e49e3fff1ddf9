import type { TensorTree } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";

/** A shape without the batch axis, as layers use it. */
export type Shape = readonly number[];

/** What a layer's functions work on: trained parameters and running state, both plain trees. */
export type Variables<Params = TensorTree, State = TensorTree> = {
  readonly params: Params;
  readonly state: State;
};

/** The arguments of one application that are neither data nor variables. */
export interface ApplyOptions {
  /** The random key, needed in training by layers that draw random numbers. */
  readonly key?: Tensor | undefined;
  /** Whether this application is part of training. Default false. */
  readonly training?: boolean | undefined;
}

/** What a layer returns: its output and the next state, both fresh. */
export interface ApplyResult<State = TensorTree> {
  readonly y: Tensor;
  readonly state: State;
}

/**
 * A layer: a frozen value of pure functions. It owns no tensors.
 *
 * `init(key, inputShape)` makes parameters and state, `apply(variables, x, options)` maps a batch,
 * `outputShape(inputShape)` says what comes out. Shapes leave out the batch axis; `x` has it first.
 * A layer without parameters or state has `null` in their place. All functions borrow their
 * arguments, return fresh tensors and can be traced.
 */
export interface Layer<
  Params extends TensorTree = TensorTree,
  State extends TensorTree = TensorTree,
> {
  /** The name of the function that made the layer, as messages and tables show it. */
  readonly kind: string;
  init(key: Tensor, inputShape: Shape): Variables<Params, State>;
  apply(variables: Variables<Params, State>, x: Tensor, options?: ApplyOptions): ApplyResult<State>;
  outputShape(inputShape: Shape): Shape;
  /**
   * What one application to one sample costs, for `describe`; of a container, without its parts.
   * Layers without it are measured by tracing them.
   */
  cost?(inputShape: Shape): LayerCost;
}

/** The cost of one application of a layer to one sample. */
export interface LayerCost {
  /** Arithmetic operations; a multiplication with its addition counts as two. */
  readonly flops: number;
  /** Values that come out, which training keeps for the backward pass. */
  readonly activations: number;
}

/** A layer inside of another. */
export interface LayerPart {
  /** Where its variables lie in those of the container; empty where they are the container's. */
  readonly name: string;
  readonly layer: Layer;
  readonly inputShape: Shape;
}

/** A layer made of layers: `describe`, surgery and `withDropout` look into it. */
export interface LayerContainer<
  Params extends TensorTree = TensorTree,
  State extends TensorTree = TensorTree,
> extends Layer<Params, State> {
  /** The layers inside, in the order in which they run. */
  parts(inputShape: Shape): readonly LayerPart[];
  /** The same container around `fn(child, name)` for each child. */
  mapLayers(fn: (child: Layer, name: string) => Layer): Layer<Params, State>;
}

/** The parameters of a layer type. */
export type ParamsOf<L extends Layer> =
  L extends Layer<infer Params, infer _State> ? Params : never;

/** The state of a layer type. */
export type StateOf<L extends Layer> = L extends Layer<infer _Params, infer State> ? State : never;
