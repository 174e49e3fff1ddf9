import type { TensorTree } from "@layerwise/autodiff";
import { treeTidy } from "@layerwise/autodiff";
import {
  dispose,
  engine,
  type NamedTensorMap,
  Optimizer,
  type Scalar,
  type Tensor,
  type Variable,
} from "@tensorflow/tfjs-core";
import { applyUpdates } from "../core/apply-updates.ts";
import type { ValueExtra } from "../core/extras.ts";
import type { AnyTransformation, ExtraOf, UpdateResult } from "../core/transformation.ts";
import { NamedState } from "./named-state.ts";

/** A transformation that a TensorFlow.js optimizer can drive; any other is not assignable. */
export type TfTransformation<T extends AnyTransformation> =
  ValueExtra extends ExtraOf<T> ? T : never;

/**
 * Makes a TensorFlow.js optimizer of a transformation: for `model.compile` of tfjs-layers and for
 * `optimizer.minimize`.
 *
 * State belongs to a variable's name. A variable without a gradient in some step is left alone, with
 * its state; one that comes later starts fresh, except for what all share (Adam's count). The first
 * step after `setWeights` throws `StateMismatchError` unless every tensor of its state was loaded.
 *
 * A transformation may ask for `value`, which `minimize` and `model.fit` know; `applyGradients` alone
 * does not. One that asks for a function of the parameters (a line search) does not compile: a loss
 * of TensorFlow.js reads variables. `getConfig` throws, as a transformation is code: save a model
 * without `includeOptimizer`, and the state by `getWeights` and `setWeights`, which use paths such as
 * `"0.mu.dense/kernel"`. `getWeights` returns the optimizer's own tensors, as those of tfjs do.
 *
 * @example
 * ```ts
 * import { adamW, asTfOptimizer, chain, clipByGlobalNorm } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 * import "@tensorflow/tfjs-layers"; // registers tfjs-core's gradients, as `@tensorflow/tfjs` does
 *
 * const w = tf.variable(tf.scalar(0));
 * const tx = chain(clipByGlobalNorm(1), adamW({ learningRate: 0.1 }));
 * const optimizer = asTfOptimizer(tx);
 * for (let i = 0; i < 200; i++) optimizer.minimize(() => tf.square(tf.sub(w, 3)));
 * if (Math.abs((w.dataSync()[0] ?? 0) - 3) > 0.1) throw new Error(String(w));
 * optimizer.dispose();
 * ```
 */
export function asTfOptimizer<T extends AnyTransformation>(tx: TfTransformation<T>): Optimizer {
  return new TransformationOptimizer(tx as unknown as Driven);
}

/** tfjs-core does not export this type. */
type NamedTensors = Awaited<ReturnType<Optimizer["getWeights"]>>;

/** The transformation as it is driven here: whether it wants the value is not known. */
interface Driven {
  init(params: TensorTree): unknown;
  update(
    grads: TensorTree,
    state: unknown,
    params: TensorTree,
    extra: Partial<ValueExtra>,
  ): UpdateResult<Readonly<Record<string, Tensor>>, unknown>;
}

/** What tfjs-core calls the number of steps among an optimizer's weights. */
const ITERATIONS = "iter";

class TransformationOptimizer extends Optimizer {
  static get className(): string {
    return "LayerwiseOptimizer";
  }

  readonly #tx: Driven;
  readonly #state = new NamedState();

  constructor(tx: Driven) {
    super();
    this.#tx = tx;
  }

  override minimize(f: () => Scalar, returnCost = false, varList?: Variable[]): Scalar | null {
    const { value, grads } = this.computeGradients(f, varList);
    try {
      this.#step(Object.entries(grads), { value });
    } catch (error) {
      value.dispose();
      throw error;
    } finally {
      dispose(grads);
    }
    if (returnCost) return value;
    value.dispose();
    return null;
  }

  override applyGradients(gradients: NamedTensorMap | NamedTensors): void {
    const named = Array.isArray(gradients)
      ? gradients.map(({ name, tensor }) => [name, tensor] as const)
      : Object.entries(gradients);
    this.#step(named, {});
  }

  override dispose(): void {
    this.#state.clear();
  }

  override async getWeights(): Promise<NamedTensors> {
    const named = this.#state.entries.map(([name, tensor]) => ({ name, tensor }));
    return [await this.saveIterations(), ...named];
  }

  override async setWeights(weights: NamedTensors): Promise<void> {
    // By name, as a round trip through an object or a file may have changed the order.
    const isCount = ({ name }: NamedTensors[number]): boolean => name === ITERATIONS;
    const count = weights.filter(isCount);
    if (count.length > 0) await this.extractIterations(count);
    const others = weights.filter((weight) => !isCount(weight));
    this.#state.load(others.map(({ name, tensor }) => [name, tensor]));
  }

  override getConfig(): never {
    throw new Error(
      "asTfOptimizer: a transformation is code, which no file can hold; " +
        "save the model without includeOptimizer, and the state with getWeights",
    );
  }

  #step(
    named: readonly (readonly [string, Tensor | undefined])[],
    extra: Partial<ValueExtra>,
  ): void {
    const given = named.filter((entry): entry is [string, Tensor] => entry[1] != null);
    const names = given.map(([name]) => name);
    const params = Object.fromEntries(names.map((name) => [name, variableOf(name)]));
    // JSON, as a name may hold any separator; sorted, as a state belongs to a set of variables.
    const key = JSON.stringify(names.toSorted());
    treeTidy(() => {
      const before = this.#state.get(key, () => this.#tx.init(params));
      const result = this.#tx.update(Object.fromEntries(given), before, params, extra);
      const next = applyUpdates(params, result.updates);
      this.#state.set(key, result.state);
      for (const [name, variable] of Object.entries(params))
        variable.assign(next[name] ?? variable);
    });
    this.incrementIterations();
  }
}

function variableOf(name: string): Variable {
  const variable = engine().registeredVariables[name];
  if (variable === undefined) throw new Error(`asTfOptimizer: no variable has the name "${name}"`);
  return variable;
}
