/** An operand of a kernel under test. */
export interface Operand {
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32" | "bool";
  readonly values: readonly number[];
}

/** One call of a tfjs kernel. */
export interface Case {
  readonly kernel: string;
  readonly note: string;
  readonly inputs: Readonly<Record<string, Operand | undefined>> | readonly Operand[];
  readonly attrs: Readonly<Record<string, unknown>>;
}

/** A case; the note tells it from others of its kernel. */
export const call = (
  kernel: string,
  note: string,
  inputs: Case["inputs"],
  attrs: Case["attrs"] = {},
): Case => ({ kernel, note, inputs, attrs });

let state = 1;
// A linear congruential generator: the same operands on every machine.
const next = (): number => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};

const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

/** Random floats in [low, high). */
export const f = (shape: readonly number[], low = -2, high = 2): Operand => ({
  shape,
  dtype: "float32",
  values: Array.from({ length: sizeOf(shape) }, () => Math.fround(low + (high - low) * next())),
});

/** Random integers in [low, high). */
export const i = (shape: readonly number[], low = -5, high = 6): Operand => ({
  shape,
  dtype: "int32",
  values: Array.from({ length: sizeOf(shape) }, () => Math.floor(low + (high - low) * next())),
});

/** Random bools. */
export const bool = (shape: readonly number[]): Operand => ({
  shape,
  dtype: "bool",
  values: Array.from({ length: sizeOf(shape) }, () => (next() < 0.5 ? 0 : 1)),
});

/** Given numbers, a vector unless a shape is given. */
export const of = (
  values: readonly number[],
  dtype: Operand["dtype"] = "float32",
  shape: readonly number[] = [values.length],
): Operand => ({ shape, dtype, values });

/** Distinct floats in random order: no ties for maxima to break. */
export const distinct = (shape: readonly number[]): Operand => {
  const size = sizeOf(shape);
  const values = Array.from({ length: size }, (_, k) => (k - size / 2) / 7);
  for (let k = size - 1; k > 0; k--) {
    const j = Math.floor(next() * (k + 1));
    [values[k], values[j]] = [values[j]!, values[k]!];
  }
  return { shape, dtype: "float32", values: values.map(Math.fround) };
};

/** Numbers where functions tend to go wrong. */
export const edges: Operand = of([0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 6, 7, 1e-7, 30, -30]);
