import type { TensorTree } from "@layerwise/autodiff";
import { Tensor } from "@tensorflow/tfjs-core";

/** The extra argument of rules that use the loss: its value at the parameters, a scalar. */
export type ValueExtra = { readonly value: Tensor };

/**
 * The extra argument of rules that want gradients elsewhere: from parameters to gradients.
 *
 * Functions among the extra arguments are methods in these types, so that the gradient of a loss of
 * `{ w: Tensor }` is accepted where any tree may come.
 */
export type GradFnExtra = { gradFn(params: TensorTree): TensorTree };

/** The extra argument of rules that use curvature: from a tree to the Hessian's product with it. */
export type HvpExtra = { hvp(vector: TensorTree): TensorTree };

/** The extra arguments of a line search; its functions consist of tensor operations. */
export interface LinesearchExtra extends GradFnExtra {
  /** The loss as a function of the parameters. */
  valueFn(params: TensorTree): Tensor;
  /** The loss at the parameters; evaluated where it is left out. */
  readonly value?: Tensor | undefined;
  /** The gradient at the parameters; evaluated where it is left out. */
  readonly grad?: TensorTree | undefined;
}

/** Returns the extra arguments, or throws where a rule was called without one that it needs. */
export function requireExtra<Extra extends object>(
  name: string,
  extra: Extra | undefined,
  key: keyof Extra & string,
): Extra {
  const given: unknown = extra?.[key];
  const [wanted, fits] =
    key === "value"
      ? ["a scalar tensor", given instanceof Tensor && given.rank === 0]
      : ["a function", typeof given === "function"];
  if (extra !== undefined && fits) return extra;
  const got = given instanceof Tensor ? `shape [${given.shape}]` : typeof given;
  throw new Error(`${name}: expected ${key}, ${wanted}, in update's fourth argument, got ${got}`);
}
