import type { TensorTree } from "@layerwise/autodiff";
import { constant, treeMap, treeTidy } from "@layerwise/autodiff";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { clone, scalar, Tensor as TensorClass } from "@tensorflow/tfjs-core";
import { nextCount, zeroCount } from "../core/count.ts";
import type { Schedule } from "../core/learning-rate.ts";
import type { GradientTransformation } from "../core/transformation.ts";

/** The state of {@link injectHyperparams}. */
export type InjectHyperparamsState<Name extends string, Inner> = {
  /** The number of updates, the argument of schedules. */
  readonly count: Scalar;
  /** The values that the next update uses; that of a schedule is the one it used last. */
  readonly hyperparams: { readonly [N in Name]: Scalar };
  readonly inner: Inner;
};

/** What a factory may be given: where it takes a tensor, also a schedule. */
export type InjectedArgs<Options, Static extends PropertyKey> = {
  readonly [K in keyof Options]: K extends Static
    ? Options[K]
    : Tensor extends Options[K]
      ? Exclude<Options[K], Tensor> | Schedule
      : // A number or function that cannot be a tensor must be named in `static`.
        Exclude<Options[K], number | ((...args: never) => unknown)>;
};

/** The names of the arguments that become part of the state: numbers and schedules. */
export type LiveNames<Args, Static extends PropertyKey> = {
  [K in keyof Args]: K extends Static ? never : Args[K] extends number | Schedule ? K : never;
}[keyof Args] &
  string;

/** Options of {@link injectHyperparams}. */
export interface InjectHyperparamsOptions<Static extends PropertyKey> {
  /** Names of arguments that stay as they are though they are numbers or functions. */
  readonly static?: readonly Static[] | undefined;
}

/**
 * Makes the numbers and schedules among an optimizer's arguments part of its state, where they can be
 * read and set between steps: a compiled step is not traced again.
 *
 * `state.hyperparams` has a float32 scalar for each number and schedule in `args`; booleans and the
 * like stay as they are, and so does what `static` names. Defaults of the factory are not injected:
 * name what you want to change. A schedule (for any of the hyperparameters, not only the learning
 * rate) is evaluated at every update, so setting its value has no lasting effect.
 * Like optax's `inject_hyperparams`.
 *
 * @example
 * ```ts
 * import { adamW, injectHyperparams, setHyperparams } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const optimizer = injectHyperparams(adamW, { learningRate: 1e-3, weightDecay: 0 });
 * const state = setHyperparams(optimizer.init(tf.zeros([2])), { learningRate: 0.25 });
 * const [rate] = state.hyperparams.learningRate.dataSync();
 * if (rate !== 0.25) throw new Error(String(rate));
 * ```
 */
export function injectHyperparams<
  Options,
  State,
  Extra,
  const Args extends InjectedArgs<NonNullable<Options>, Static>,
  Static extends PropertyKey = never,
>(
  factory: (options: Options) => GradientTransformation<State, Extra>,
  args: Args & { readonly [K in Exclude<keyof Args, keyof NonNullable<Options>>]: never },
  options: InjectHyperparamsOptions<Static & keyof NonNullable<Options>> = {},
): GradientTransformation<InjectHyperparamsState<LiveNames<Args, Static>, State>, Extra> {
  const fixed = new Set<PropertyKey>(options.static);
  const live = Object.entries(args).filter(
    ([name, value]) =>
      !fixed.has(name) && (typeof value === "number" || typeof value === "function"),
  ) as [string, number | Schedule][];
  const withValues = (values: Values) => factory({ ...args, ...values } as unknown as Options);
  // The values at a count: of schedules by themselves, of numbers as the state has them.
  const valuesAt = (count: Tensor, current?: Values): Values => {
    const entries = live.map(([name, value]) => {
      if (typeof value === "function") return [name, scheduled(name, value, count)] as const;
      return [name, current?.[name] ? clone(current[name]) : constant(value)] as const;
    });
    return Object.fromEntries(entries);
  };
  const init = (params: TensorTree): AnyState =>
    treeTidy(() => {
      const count = zeroCount();
      const hyperparams = valuesAt(count);
      return { count, hyperparams, inner: withValues(hyperparams).init(params) };
    });
  const update = (grads: TensorTree, state: AnyState, ...rest: readonly unknown[]): unknown =>
    treeTidy(() => {
      const hyperparams = valuesAt(state.count, state.hyperparams);
      const inner = withValues(hyperparams) as GradientTransformation<unknown, never>;
      const result = inner.update(grads, state.inner, ...(rest as [TensorTree, never]));
      const next = { count: nextCount(state.count), hyperparams, inner: result.state };
      return { updates: result.updates, state: next };
    });
  return { init, update } as never;
}

type Values = Readonly<Record<string, Tensor>>;
type AnyState = { readonly count: Scalar; readonly hyperparams: Values; readonly inner: unknown };

function scheduled(name: string, schedule: Schedule, count: Tensor): Tensor {
  const value: unknown = schedule(count);
  if (value instanceof TensorClass) return value;
  throw new Error(
    `injectHyperparams: ${name}: expected a schedule, which returns a tensor, got ${typeof value}; ` +
      "name functions that are no schedules in static",
  );
}

/**
 * A copy of a state of {@link injectHyperparams} with other values of hyperparameters, each a number
 * or a scalar tensor. Inside a chain, it is the state of that part that is to be replaced.
 *
 * All tensors of the result are new: dispose the old state as after an update.
 *
 * @example
 * ```ts
 * import { injectHyperparams, setHyperparams, sgd } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const optimizer = injectHyperparams(sgd, { learningRate: 1, momentum: 0.9 });
 * const state = setHyperparams(optimizer.init(tf.scalar(0)), { learningRate: 0.5 });
 * const [step] = optimizer.update(tf.scalar(1), state).updates.dataSync();
 * if (step !== -0.5) throw new Error(String(step));
 * ```
 */
export function setHyperparams<
  Name extends string,
  State extends InjectHyperparamsState<Name, unknown>,
>(
  state: State & InjectHyperparamsState<Name, unknown>,
  values: { readonly [N in keyof State["hyperparams"]]?: number | Tensor },
): State {
  if (!isInjected(state)) {
    throw new Error("setHyperparams: expected a state of injectHyperparams, got another");
  }
  const known = Object.keys(state.hyperparams);
  const unknown = Object.keys(values).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new Error(`setHyperparams: expected names among [${known.join(", ")}], got ${unknown}`);
  }
  const copy = (tree: unknown) => treeMap((x: unknown) => clone(x as Tensor), tree);
  const given = values as Readonly<Record<string, number | Tensor | undefined>>;
  const hyperparams = Object.entries<Scalar>(state.hyperparams).map(([name, old]) => {
    const value = given[name] ?? old;
    return [name, typeof value === "number" ? scalar(value) : clone(value)] as const;
  });
  return {
    ...(copy({ ...state, hyperparams: null }) as object),
    hyperparams: Object.fromEntries(hyperparams),
  } as State;
}

function isInjected(state: unknown): boolean {
  return typeof state === "object" && state !== null && "hyperparams" in state;
}
