import type { TensorTree } from "@layerwise/autodiff";
import type { AnyTransformation, GradientTransformation } from "@layerwise/optim";
import type * as tf from "@tensorflow/tfjs-core";

/** Everything that any optimizer may ask for besides gradients and parameters. */
export interface AllExtras {
  /** The loss at the parameters. */
  readonly value: tf.Tensor;
  /** The loss as a function of parameters. */
  readonly valueFn: (params: TensorTree) => tf.Tensor;
  /** Its gradient. */
  readonly gradFn: <T extends TensorTree>(params: T) => T;
  /** The product of its Hessian at the parameters with a vector. */
  readonly hvp: <T extends TensorTree>(vector: T) => T;
}

/** An optimizer as the suites drive it. */
export interface AnyOptimizer {
  init(params: TensorTree): unknown;
  update(
    grads: TensorTree,
    state: unknown,
    params: TensorTree,
    extra?: Partial<AllExtras>,
  ): { readonly updates: TensorTree; readonly state: unknown };
}

/** What an optimizer may be excused from; say why beside it. */
export interface ContractOptions {
  /** The learning rate on the sphere, default 0.1. */
  readonly sphereRate?: number;
  /** Steps to reach the sphere's minimum within 3e-2, default 1000. */
  readonly sphereSteps?: number;
  /** The learning rate on the two harder functions, default 1e-3. */
  readonly valleyRate?: number;
  /** Whether a zero gradient at the start leaves the parameters as they are, default true. */
  readonly zeroGradientIsNoOp?: boolean;
  /** Whether the update of one tensor depends on the others, default false. */
  readonly couplesLeaves?: boolean;
  /** Whether random draws of a tensor depend on its name, default false. */
  readonly namesSeedDraws?: boolean;
  /** Largest difference of compiled and eager parameters after 20 steps, default 1e-5. */
  readonly compiledTolerance?: number;
}

/** A row of the table of all optimizers. */
export interface Row {
  readonly name: string;
  /** Makes it with a learning rate. */
  readonly make: (learningRate: number) => AnyOptimizer;
  /** The golden cases (see `idOf`) that it must reproduce, with the settings that do. */
  readonly golden?: Readonly<Record<string, () => AnyOptimizer>>;
  /** Tolerance of golden cases in float64 where 1e-12 is out of reach, with the reason beside it. */
  readonly float64Tolerance?: number;
  /** Tolerances of golden cases in float32 at steps 1, 10, 50; default 1e-6, 5e-6, 5e-5. */
  readonly float32Tolerances?: readonly [number, number, number];
  readonly contract?: ContractOptions;
  /** Whether the rule looks at a tensor as a whole or along its axes, and not at elements; default false. */
  readonly seesTensors?: boolean;
}

/** Forgets the types of state and extras: the suites hand every optimizer all extras there are. */
export const row = (
  value: Omit<Row, "make" | "golden"> & {
    readonly make: (learningRate: number) => AnyTransformation;
    readonly golden?: Readonly<Record<string, () => AnyTransformation>>;
  },
): Row => value as unknown as Row;

export type { GradientTransformation };
