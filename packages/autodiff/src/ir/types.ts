/** Element types of the IR, in StableHLO's spelling (`bool` is StableHLO's `i1`). */
export type DType = "f32" | "f16" | "i32" | "u32" | "bool";

/** Sizes of the axes, outermost first. All shapes are static. */
export type Shape = readonly number[];

/** What is known of a value before it is computed: StableHLO's `tensor<2x3xf32>`. */
export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DType;
}

/**
 * The elements of a constant in row-major order. A single element stands for all of them
 * (a splat), so that zeros and ones of any size cost nothing.
 */
export type LiteralData = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array;

/** Elementwise operations of one operand. */
export const UNARY_OPS = [
  "abs",
  "negate",
  "sign",
  "ceil",
  "floor",
  "round_nearest_even",
  "exponential",
  "exponential_minus_one",
  "log",
  "log_plus_one",
  "sqrt",
  "rsqrt",
  "sine",
  "cosine",
  "tan",
  "asin",
  "acos",
  "atan",
  "sinh",
  "cosh",
  "tanh",
  "asinh",
  "acosh",
  "atanh",
  "logistic",
  "erf",
  "erf_inv",
  "not",
  "stop_gradient",
] as const;

/** Elementwise operations of two operands of the same type; nothing broadcasts implicitly. */
export const BINARY_OPS = [
  "add",
  "subtract",
  "multiply",
  "divide",
  "remainder",
  "power",
  "maximum",
  "minimum",
  "atan2",
  "and",
  "or",
  "xor",
  "shift_left",
  "shift_right_logical",
  "shift_right_arithmetic",
] as const;

/** Name of an elementwise operation of one operand. */
export type UnaryOp = (typeof UNARY_OPS)[number];
/** Name of an elementwise operation of two operands. */
export type BinaryOp = (typeof BINARY_OPS)[number];
/** How `compare` orders its operands. */
export type Direction = "EQ" | "NE" | "LT" | "LE" | "GT" | "GE";
/** The monoids that `reduce`, `reduce_window` and `cumulative` know. */
export type Monoid = "add" | "multiply" | "maximum" | "minimum" | "and" | "or";

/** Axes of the operands of `dot_general`. The result is [batch…, lhs free…, rhs free…]. */
export interface DotDims {
  readonly lhsBatch: readonly number[];
  readonly rhsBatch: readonly number[];
  readonly lhsContracting: readonly number[];
  readonly rhsContracting: readonly number[];
}

/** Where batch, features and space lie in the three arrays of a convolution (StableHLO's dimension numbers). */
export interface ConvDims {
  readonly lhsBatch: number;
  readonly lhsFeature: number;
  readonly lhsSpatial: readonly number[];
  readonly rhsInputFeature: number;
  readonly rhsOutputFeature: number;
  readonly rhsSpatial: readonly number[];
  readonly outBatch: number;
  readonly outFeature: number;
  readonly outSpatial: readonly number[];
}

/** Attributes of `convolution`; the window slides without flipping (cross-correlation). */
export interface ConvAttrs {
  readonly dims: ConvDims;
  readonly strides: readonly number[];
  /** [low, high] per spatial axis; negative padding crops. */
  readonly padding: readonly (readonly [number, number])[];
  readonly lhsDilation: readonly number[];
  readonly rhsDilation: readonly number[];
  readonly featureGroups: number;
  readonly batchGroups: number;
}

/** A sliding window over every axis of an operand. */
export interface Window {
  readonly dimensions: readonly number[];
  readonly strides: readonly number[];
  readonly padding: readonly (readonly [number, number])[];
}

/**
 * StableHLO's gather dimension numbers. `index_vector_dim` is always the last axis of the indices:
 * indices are [batch…, number of indexed axes].
 */
export interface GatherDims {
  readonly offsetDims: readonly number[];
  readonly collapsedSliceDims: readonly number[];
  readonly operandBatchingDims: readonly number[];
  readonly indicesBatchingDims: readonly number[];
  readonly startIndexMap: readonly number[];
}

/** The same for scatter; indices are [batch…, number of indexed axes]. */
export interface ScatterDims {
  readonly updateWindowDims: readonly number[];
  readonly insertedWindowDims: readonly number[];
  readonly inputBatchingDims: readonly number[];
  readonly indicesBatchingDims: readonly number[];
  readonly scatterDimsToOperandDims: readonly number[];
}

/** How a `call` is differentiated. */
export type Derivative =
  /** As if the body stood in place of the call. */
  | { readonly kind: "inline" }
  /** Residuals are not stored: the backward pass runs the body again. */
  | { readonly kind: "checkpoint" }
  /** `jvp`: (inputs…, tangents of the inputs…) → (outputs…, tangents of the outputs…), linear in the tangents. */
  | { readonly kind: "custom_jvp"; readonly jvp: Graph }
  /**
   * `fwd`: (inputs…) → (outputs…, residuals…);
   * `bwd`: (residuals…, cotangents of the outputs…) → (cotangents of the inputs…), linear in the cotangents.
   */
  | { readonly kind: "custom_vjp"; readonly fwd: Graph; readonly bwd: Graph };

type Elementwise = { readonly [K in UnaryOp | BinaryOp]: Record<never, never> };

/** Every operation with its attributes. Tables keyed by this type are exhaustive by construction. */
export interface OpAttrs extends Elementwise {
  readonly constant: { readonly type: TensorType; readonly data: LiteralData };
  /** Counts 0, 1, 2 … along `dimension`. */
  readonly iota: { readonly type: TensorType; readonly dimension: number };
  /** Value conversion: float → int truncates toward zero, number → bool is `!= 0`. */
  readonly convert: { readonly dtype: DType };
  /** Reinterprets the bits; both types have 32. */
  readonly bitcast_convert: { readonly dtype: DType };
  readonly is_finite: Record<never, never>;
  readonly compare: { readonly direction: Direction };
  /** (predicate, onTrue, onFalse), all of one shape. */
  readonly select: Record<never, never>;
  /** (min, operand, max), all of one type. */
  readonly clamp: Record<never, never>;
  /** Operand axis i becomes axis `dimensions[i]` of the result; operand axes of size 1 stretch. */
  readonly broadcast_in_dim: { readonly shape: Shape; readonly dimensions: readonly number[] };
  readonly reshape: { readonly shape: Shape };
  /** Result axis i is operand axis `permutation[i]`. */
  readonly transpose: { readonly permutation: readonly number[] };
  readonly reverse: { readonly dimensions: readonly number[] };
  readonly slice: {
    readonly start: readonly number[];
    readonly limit: readonly number[];
    readonly strides: readonly number[];
  };
  /** (operand, scalar padding value); negative low/high crop. */
  readonly pad: {
    readonly low: readonly number[];
    readonly high: readonly number[];
    readonly interior: readonly number[];
  };
  readonly concatenate: { readonly dimension: number };
  /** (operand, i32 scalar start per axis); starts are clamped so that the slice fits. */
  readonly dynamic_slice: { readonly sizes: Shape };
  /** (operand, update, i32 scalar start per axis); starts are clamped. */
  readonly dynamic_update_slice: Record<never, never>;
  readonly reduce: { readonly monoid: Monoid; readonly dimensions: readonly number[] };
  /** i32 index of the first maximum or minimum along `dimension`. */
  readonly arg_reduce: { readonly monoid: "maximum" | "minimum"; readonly dimension: number };
  /** Inclusive scan with a monoid along one axis. */
  readonly cumulative: {
    readonly monoid: "add" | "multiply" | "maximum" | "minimum";
    readonly dimension: number;
    readonly reverse: boolean;
  };
  readonly dot_general: DotDims;
  readonly convolution: ConvAttrs;
  /** Padding counts as the identity of the monoid. */
  readonly reduce_window: Window & { readonly monoid: "add" | "multiply" | "maximum" | "minimum" };
  /** (operand, source): adds each source element at the first maximum of its window of the operand. */
  readonly select_and_scatter: Window;
  /** (operand, values): takes from `values` the element at the first maximum of each window of the operand. Its transpose is select_and_scatter. */
  readonly select_and_gather: Window;
  /** (operand, i32 indices); starts are clamped so that the slice fits. */
  readonly gather: GatherDims & { readonly sliceSizes: Shape };
  /** (operand, i32 indices, updates); updates that do not fit are dropped; "set" with duplicates keeps the last one. */
  readonly scatter: ScatterDims & { readonly kind: "add" | "set" };
  /** Stable sort of all operands together by the first one. */
  readonly sort: { readonly dimension: number; readonly descending: boolean };
  /** (key u32[2], x0 u32[s], x1 u32[s]) → two u32[s]: 20 rounds of Threefry-2x32. */
  readonly threefry2x32: Record<never, never>;
  readonly call: { readonly body: Graph; readonly derivative: Derivative };
  /**
   * (residuals…, tangents…) → outputs, linear in the tangents, known by its transpose only:
   * `transposed`: (residuals…, cotangents of the outputs…) → cotangents of the tangents.
   */
  readonly linear_call: { readonly numResiduals: number; readonly transposed: Graph };
  /**
   * inputs (consts…, carry…, xs…) → outputs (carry…, ys…);
   * body (consts…, carry…, slices of xs…) → (carry…, slices of ys…); xs and ys are stacked on axis 0.
   */
  readonly scan: {
    readonly body: Graph;
    readonly length: number;
    readonly numConsts: number;
    readonly numCarry: number;
    readonly reverse: boolean;
  };
  /** inputs (condition consts…, body consts…, carry…) → carry…; condition (consts…, carry…) → bool scalar. */
  readonly while: {
    readonly condition: Graph;
    readonly body: Graph;
    readonly numConditionConsts: number;
    readonly numBodyConsts: number;
  };
}

/** Name of an operation. */
export type OpName = keyof OpAttrs;

/** Operations that only place elements. */
export type MovementOp =
  | "constant"
  | "iota"
  | "broadcast_in_dim"
  | "reshape"
  | "transpose"
  | "reverse"
  | "slice"
  | "pad"
  | "concatenate";
/** Slices whose place is computed. */
export type DynamicSliceOp = "dynamic_slice" | "dynamic_update_slice";
/** Changes of the element type. */
export type ConversionOp = "convert" | "bitcast_convert";
/** Folds along axes. */
export type ReductionOp = "reduce" | "arg_reduce" | "cumulative";
/** Products. */
export type ContractionOp = "dot_general" | "convolution";
/** Sliding windows. */
export type WindowOp = "reduce_window" | "select_and_scatter" | "select_and_gather";
/** Reading and writing at indices. */
export type AddressingOp = "gather" | "scatter";
/** Operations that run other graphs. */
export type ControlOp = "call" | "linear_call" | "scan" | "while";

/** A value: an input of a graph or a result of a node. Compared by identity. */
export interface Value {
  readonly type: TensorType;
  /** The node that computes it; undefined for an input. */
  readonly producer: Node | undefined;
}

/** One application of an operation. */
export type Node = { readonly [K in OpName]: NodeOf<K> }[OpName];

/** A node of a known operation. */
export interface NodeOf<K extends OpName> {
  readonly op: K;
  readonly inputs: readonly Value[];
  readonly attrs: OpAttrs[K];
  readonly outputs: readonly Value[];
}

/** A function in static single assignment form: nodes stand in an order in which they can run. */
export interface Graph {
  readonly inputs: readonly Value[];
  readonly nodes: readonly Node[];
  readonly outputs: readonly Value[];
}
