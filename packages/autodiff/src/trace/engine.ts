import * as tf from "@tensorflow/tfjs-core";

/** The parts of tfjs's engine that a trace replaces. They are not in its public type; 4.22 is pinned by tests. */
export interface EngineInternals {
  state: EngineState;
  backendName: string | null;
  backendInstance: tf.KernelBackend | null;
  runKernel(name: string, inputs: Inputs, attrs?: Attrs): tf.Tensor | tf.Tensor[];
  makeTensor(values: tf.BackendValues, shape: number[], dtype?: tf.DataType): tf.Tensor;
  makeVariable(initial: tf.Tensor): tf.Variable;
  disposeTensor(x: tf.Tensor): void;
  disposeVariable(x: tf.Variable): void;
  incRef(x: tf.Tensor, backend: tf.KernelBackend | null): void;
  runKernelFunc(operation: CustomOperation): tf.Tensor | tf.Tensor[];
  gradients(
    f: () => tf.Tensor,
    xs: tf.Tensor[],
    dy: tf.Tensor | null,
    allowNoGradients?: boolean,
  ): { value: tf.Tensor; grads: (tf.Tensor | undefined)[] };
  startScope(name?: string): void;
}

/** Operands of a tfjs kernel by name; absent optional operands are null or undefined. */
export type Inputs = Readonly<Record<string, tf.Tensor | null | undefined>>;
/** Attributes of a tfjs kernel by name. */
export type Attrs = Readonly<Record<string, unknown>>;
/**
 * An operation with a gradient of its own. `tf.customGrad` makes one at each call; the function it
 * returns is often made before the trace.
 */
export interface CustomOperation {
  readonly inputs: Readonly<Record<string, tf.Tensor>>;
  readonly forwardFunc: (
    backend: tf.KernelBackend,
    save: tf.GradSaveFunc,
  ) => tf.Tensor | tf.Tensor[];
  readonly backwardsFunc: (
    dy: tf.Tensor | tf.Tensor[],
    saved: tf.Tensor[],
  ) => Readonly<Record<string, () => tf.Tensor>>;
}

interface EngineState {
  gradientDepth: number;
  registeredVariables: unknown;
  tensorInfo: unknown;
  readonly constructor: unknown;
}

/** Methods of the engine that are replaced while a trace runs. */
export type Interceptor = Pick<
  EngineInternals,
  | "runKernel"
  | "makeTensor"
  | "makeVariable"
  | "disposeTensor"
  | "disposeVariable"
  | "incRef"
  | "runKernelFunc"
  | "gradients"
>;

const internals = (): EngineInternals => tf.engine() as unknown as EngineInternals;

const noRandom = (): never => {
  throw new Error(
    "trace: Math.random() was called, as tf.randomUniform, tf.randomNormal, tf.dropout and " +
      "initializers do. Its numbers would be frozen into the graph; use random.uniform, " +
      "random.normal, random.bernoulli … of @layerwise/autodiff with a key",
  );
};

/**
 * Runs `fn` while tfjs's engine records instead of computing: with its own tape, scopes, counters
 * and backend. All of it is put back, also when `fn` throws.
 *
 * Fields are set directly, because `tf.setBackend` re-runs the set-up of every kernel (up to 2 ms).
 */
export function withInterceptedEngine<R>(
  backend: tf.KernelBackend,
  interceptor: Interceptor,
  fn: () => R,
): R {
  const engine = internals();
  const { state, backendName, backendInstance } = engine;
  const random = Math.random;
  const Fresh = state.constructor as new () => EngineState;
  const fresh = new Fresh();
  const names = Object.keys(interceptor) as (keyof Interceptor)[];
  // Own properties are there already when this trace runs within another one.
  const outer = Object.fromEntries(
    names.filter((name) => Object.hasOwn(engine, name)).map((name) => [name, engine[name]]),
  );
  fresh.registeredVariables = state.registeredVariables;
  fresh.tensorInfo = state.tensorInfo;
  // As under tf.grad, fused ops with an activation split: their own gradients know only relu.
  fresh.gradientDepth = 1;
  try {
    engine.state = fresh;
    engine.backendName = "layerwise-trace";
    engine.backendInstance = backend;
    Object.assign(engine, interceptor);
    Math.random = noRandom;
    engine.startScope("trace");
    return fn();
  } finally {
    Math.random = random;
    // The originals live on the prototype: deleting the own property uncovers them.
    for (const name of names) delete (engine as Partial<EngineInternals>)[name];
    Object.assign(engine, outer);
    engine.state = state;
    engine.backendName = backendName;
    engine.backendInstance = backendInstance;
  }
}

/** Runs `fn` with the engine's own method `disposeTensor` on the state from before the trace. */
export function disposeOutside(x: tf.Tensor, outer: unknown): void {
  const engine = internals();
  const { state } = engine;
  engine.state = outer as EngineState;
  try {
    Object.getPrototypeOf(engine).disposeTensor.call(engine, x);
  } finally {
    engine.state = state;
  }
}

/** The engine's present state; hand it to {@link disposeOutside}. */
export const engineState = (): unknown => internals().state;
