import type { Compiled, TensorTree, TreeDef } from "@layerwise/autodiff";
import {
  compile,
  optimize,
  random,
  trace,
  treedefPaths,
  treeFlatten,
  treeUnflatten,
} from "@layerwise/autodiff";
import { add, scalar, type serialization, type Tensor, tidy } from "@tensorflow/tfjs-core";
import { initializers, type LayerVariable, layers } from "@tensorflow/tfjs-layers";
import type { Layer, Shape, Variables } from "../core/layer.ts";
import { atPath, LayerError } from "../core/layer-error.ts";

/** The arguments of every layer of tfjs-layers, which does not export their type. */
type LayerArgs = NonNullable<ConstructorParameters<typeof layers.Layer>[0]>;

/** What a layer of tfjs-layers is told besides the layer that it runs. */
export interface TfLayerOptions
  extends Pick<
    LayerArgs,
    "batchInputShape" | "batchSize" | "dtype" | "inputShape" | "name" | "trainable" | "weights"
  > {
  /** Where all random numbers of the layer come from; give each layer of a model its own. */
  readonly seed: number;
}

/** The first axis is the batch; tfjs-layers says null for a size that is not known. */
type TfShape = (number | null)[];

/** The variables of tfjs-layers that hold the leaves of a tree. */
interface Held {
  readonly treedef: TreeDef;
  readonly weights: readonly LayerVariable[];
}

interface Step {
  readonly y: Tensor;
  readonly state: TensorTree;
  /** One more than before. */
  readonly step: Tensor | null;
}

type Run<Result> = Compiled<[Variables, Tensor | null, Tensor], Result>;

const none: Held = /* @__PURE__ */ Object.freeze({
  treedef: /* @__PURE__ */ treeFlatten(null).treedef,
  weights: [],
});

/** A layer of tfjs-layers that runs one of this package; subclasses have the name for files. */
export abstract class TfLayer extends layers.Layer {
  readonly #layer: Layer;
  readonly #seed: number;
  readonly #train: Run<Step>;
  readonly #infer: Run<Tensor>;
  #params: Held = none;
  #state: Held = none;
  /** How often the layer was trained, for layers that draw random numbers. */
  #step: LayerVariable | undefined;

  constructor(layer: Layer, { seed, ...args }: TfLayerOptions) {
    super(args);
    if (!Number.isSafeInteger(seed) || seed < 0) {
      const wanted = "expected a seed that is an integer from 0 to 2^53 - 1";
      throw new LayerError(layer.kind, `${wanted}, got ${seed}`, this.name);
    }
    this.#layer = layer;
    this.#seed = seed;
    // Compiled functions are single operations for tfjs's tape, with derivatives of our own.
    this.#train = compile((variables, step, x) => {
      const key = step === null ? undefined : random.foldIn(keysOf(seed).steps, step);
      const { y, state } = layer.apply(variables, x, { key, training: true });
      return { y, state, step: step === null ? null : add(step, scalar(1, "int32")) };
    });
    this.#infer = compile((variables, _, x) => layer.apply(variables, x).y);
  }

  override build(inputShape: TfShape | TfShape[]): void {
    const shape = this.#sampleShape(inputShape);
    tidy(() => {
      const { params, state } = this.#run(() => this.#layer.init(keysOf(this.#seed).init, shape));
      this.#params = this.#hold(params, "", true);
      this.#state = this.#hold(state, "state", false);
      if (drawsNumbers(this.#layer, { params, state }, shape)) {
        this.#step = this.addWeight("step", [], "int32", initializers.zeros(), undefined, false);
      }
    });
    super.build(inputShape);
  }

  override call(inputs: Tensor | Tensor[], kwargs: { readonly training?: boolean }): Tensor {
    const [x, ...others] = [inputs].flat();
    if (x === undefined || others.length > 0) throw this.#several([inputs].flat().length);
    return tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const variables = { params: valuesOf(this.#params), state: valuesOf(this.#state) };
      const step = this.#step?.read() ?? null;
      if (!kwargs.training) return this.#run(() => this.#infer(variables, null, x));
      const result = this.#run(() => this.#train(variables, step, x));
      const next = treeFlatten<unknown, Tensor>(result.state).leaves;
      this.#state.weights.forEach((weight, i) => {
        weight.write(next[i] as Tensor);
      });
      if (result.step !== null) this.#step?.write(result.step);
      return result.y;
    });
  }

  override computeOutputShape(inputShape: TfShape | TfShape[]): TfShape {
    const shape = this.#sampleShape(inputShape);
    return [(inputShape as TfShape)[0] ?? null, ...this.#run(() => this.#layer.outputShape(shape))];
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), seed: this.#seed };
  }

  protected override disposeWeights(): number {
    this.#train.dispose();
    this.#infer.dispose();
    return super.disposeWeights();
  }

  #sampleShape(inputShape: TfShape | TfShape[]): Shape {
    if (Array.isArray(inputShape[0])) throw this.#several(inputShape.length);
    const shape = (inputShape as TfShape).slice(1);
    if (shape.every((size) => size !== null)) return shape;
    const given = `[${shape.map(String).join(", ")}]`;
    throw new LayerError(
      this.#layer.kind,
      `expected an input of known shape, got ${given}`,
      this.name,
    );
  }

  #several(count: number): LayerError {
    return new LayerError(this.#layer.kind, `expected one input, got ${count}`, this.name);
  }

  /** Makes a variable of each leaf, named by its path. */
  #hold(tree: TensorTree, prefix: string, trainable: boolean): Held {
    const { leaves, treedef } = treeFlatten<unknown, Tensor>(tree);
    const paths = treedefPaths(treedef);
    const weights = leaves.map((leaf, i) => {
      const path = [prefix, paths[i]].filter(Boolean).join(".") || "params";
      // What else a name may not hold in tfjs.
      const name = path.replace(/[^-A-Za-z0-9_./]/g, "_");
      const { shape, dtype } = leaf;
      const zeros = initializers.zeros();
      return this.addWeight(name, shape, dtype, zeros, undefined, trainable).write(leaf);
    });
    return { treedef, weights };
  }

  #run<T>(fn: () => T): T {
    return atPath(this.name, this.#layer.kind, fn);
  }
}

/** The key of `init`, and the one from which each step's comes by `foldIn`. */
function keysOf(seed: number): { readonly init: Tensor; readonly steps: Tensor } {
  const [init, steps] = random.split(random.key(seed));
  return { init, steps };
}

function valuesOf({ treedef, weights }: Held): TensorTree {
  return treeUnflatten(
    treedef,
    weights.map((weight) => weight.read()),
  ) as TensorTree;
}

/** Whether training depends on the key; also true where that cannot be told. */
function drawsNumbers(layer: Layer, variables: Variables, inputShape: Shape): boolean {
  const shape = [2, ...inputShape];
  const train = (key: Tensor, v: Variables, x: Tensor): unknown =>
    layer.apply(v, x, { key, training: true });
  // Some layers take whole numbers only, and no one says which.
  for (const dtype of ["float32", "int32"] as const) {
    try {
      const args = [{ shape: [2], dtype: "int32" }, variables, { shape, dtype }];
      const { nodes, inputs, outputs } = optimize(trace(train, args).graph);
      return [...nodes.flatMap((node) => node.inputs), ...outputs].some((v) => v === inputs[0]);
    } catch {}
  }
  return true;
}
