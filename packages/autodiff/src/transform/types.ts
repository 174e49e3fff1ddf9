import type { Builder } from "../ir/builder.ts";
import type { Graph, OpAttrs, OpName, TensorType, Value } from "../ir/types.ts";

/** A derivative; `undefined` is a zero that costs nothing. */
export type Tangent = Value | undefined;

/** Operations whose derivative is emitted together with their result. */
export type JointOp = "sort" | "call" | "linear_call" | "scan" | "while";

/** Operations whose derivative follows from their operands and result. */
export type LocalOp = Exclude<OpName, JointOp>;

/** What the derivative rule of a local operation sees; at least one tangent is given. */
export interface LocalArgs<K extends OpName> {
  readonly inputs: readonly Value[];
  readonly attrs: OpAttrs[K];
  readonly output: Value;
  readonly tangents: readonly Tangent[];
}

/**
 * Emits the tangent of the result. What it emits must be linear in the tangents (multiplied by
 * primal values only), because reverse mode transposes exactly these nodes.
 */
export type LocalRule<K extends OpName> = (b: Builder, args: LocalArgs<K>) => Tangent;

/** Results with their tangents. */
export interface Dual {
  readonly outputs: readonly Value[];
  readonly tangents: readonly Tangent[];
}

/**
 * Whether tangents may be computed in the same loop or call as primal values (`joint`, best for
 * forward mode) or apart from them, so that they can be transposed (`separate`).
 */
export type JvpMode = "joint" | "separate";

/** Emits a graph together with its tangents. */
export type JvpInto = (
  b: Builder,
  graph: Graph,
  primals: readonly Value[],
  tangents: readonly Tangent[],
  mode?: JvpMode,
) => Dual;

/** What the derivative rule of a joint operation sees; at least one tangent is given. */
export interface JointArgs<K extends OpName> {
  readonly inputs: readonly Value[];
  readonly attrs: OpAttrs[K];
  readonly tangents: readonly Tangent[];
  readonly mode: JvpMode;
  /** For the graphs inside the operation. */
  readonly jvpInto: JvpInto;
}

/** Emits the results and their tangents; the tangents linear as in `LocalRule`. */
export type JointRule<K extends OpName> = (b: Builder, args: JointArgs<K>) => Dual;

/**
 * Emits the transpose of a graph that is linear in the inputs marked `linear`: from cotangents of
 * its outputs to cotangents of these inputs. `operands` holds the other inputs.
 */
export type TransposeInto = (
  b: Builder,
  graph: Graph,
  linear: readonly boolean[],
  operands: readonly Tangent[],
  cotangents: readonly Tangent[],
) => Tangent[];

/** What a transpose rule sees; at least one operand is linear and one cotangent given. */
export interface TransposeArgs<K extends OpName> {
  readonly attrs: OpAttrs[K];
  /** Types of the operands. */
  readonly types: readonly TensorType[];
  /** Types of the results. */
  readonly results: readonly TensorType[];
  /** Which operands the node is to be transposed in. */
  readonly linear: readonly boolean[];
  /** An operand that is not linear. */
  readonly operand: (i: number) => Value;
  /** Cotangents of the results. */
  readonly cotangents: readonly Tangent[];
  /** For the graphs inside the operation. */
  readonly transposeInto: TransposeInto;
}

/** Emits the cotangents of the operands; those of operands that are not linear are ignored. */
export type TransposeRule<K extends OpName> = (b: Builder, args: TransposeArgs<K>) => Tangent[];
