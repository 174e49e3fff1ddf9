import { permutation, SHUFFLE } from "./permutation.ts";

/**
 * Chooses the same number of random examples from every class and returns their indices, ascending.
 *
 * The classes are the distinct values in `labels`. The choice for a class is a prefix of a fixed
 * random order, so with one seed a larger `perClass` only adds examples: subsets are nested.
 *
 * @param labels Class of each example.
 * @param perClass Examples to choose from each class.
 * @param seed Integer in [0, 2⁵³).
 * @throws RangeError when a class has too few examples.
 *
 * @example
 * ```ts
 * import { balancedSubset } from "@layerwise/data";
 *
 * const indices = balancedSubset(Uint8Array.of(0, 0, 0, 1, 1, 1), 2, 42);
 * if (indices.length !== 4) throw new Error("wrong size");
 * ```
 */
export function balancedSubset(
  labels: ArrayLike<number>,
  perClass: number,
  seed: number,
): Int32Array<ArrayBuffer> {
  if (!Number.isInteger(perClass) || perClass < 0) {
    throw new RangeError(
      `balancedSubset: expected perClass to be an integer >= 0, got ${perClass}`,
    );
  }
  const members = new Map<number, number[]>();
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number;
    const list = members.get(label);
    if (list) list.push(i);
    else members.set(label, [i]);
  }
  const chosen: number[] = [];
  for (const [label, list] of members) {
    if (list.length < perClass) {
      throw new RangeError(
        `balancedSubset: expected at least ${perClass} examples of class ${label}, got ${list.length}`,
      );
    }
    const order = permutation(list.length, seed, [SHUFFLE.balanced, label]);
    for (const position of order.subarray(0, perClass)) chosen.push(list[position] as number);
  }
  return Int32Array.from(chosen).sort();
}

/** Holds the indices of the two parts of a split, each ascending. */
export interface TrainValidationIndices {
  /** Indices of the training examples. */
  readonly train: Int32Array<ArrayBuffer>;
  /** Indices of the validation examples. */
  readonly validation: Int32Array<ArrayBuffer>;
}

/**
 * Splits 0 … n−1 into indices for training and for validation.
 *
 * Without a seed the last `validationCount` examples are held out, as the classical MNIST papers do
 * (50,000 / 10,000); with a seed, random ones.
 *
 * @param n Number of examples.
 * @param validationCount Examples to hold out, in [0, n].
 * @throws RangeError when `validationCount` is out of range.
 *
 * @example
 * ```ts
 * import { trainValidationSplit } from "@layerwise/data";
 *
 * const { train, validation } = trainValidationSplit(60_000, 10_000);
 * if (train.length !== 50_000 || validation[0] !== 50_000) throw new Error("wrong split");
 * ```
 */
export function trainValidationSplit(
  n: number,
  validationCount: number,
  { seed }: { readonly seed?: number } = {},
): TrainValidationIndices {
  if (!Number.isInteger(validationCount) || validationCount < 0 || validationCount > n) {
    throw new RangeError(
      `trainValidationSplit: expected a validation count in [0, ${n}], got ${validationCount}`,
    );
  }
  const order =
    seed === undefined
      ? Int32Array.from({ length: n }, (_, i) => i)
      : permutation(n, seed, [SHUFFLE.split]);
  return {
    train: order.slice(0, n - validationCount).sort(),
    validation: order.slice(n - validationCount).sort(),
  };
}
