/** A tensor as plain data. */
export type SavedTensor =
  | { readonly dtype: "float32"; readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly dtype: "int32"; readonly shape: readonly number[]; readonly data: Int32Array }
  | { readonly dtype: "bool"; readonly shape: readonly number[]; readonly data: Uint8Array };

/**
 * A state as plain data: fit for `structuredClone`, `postMessage` and IndexedDB, and for
 * {@link stateToJson}.
 */
export interface SavedState {
  readonly format: "layerwise-optimizer";
  readonly version: 1;
  /** The tensors by path, such as `"0.mu.dense.kernel"`. */
  readonly entries: Readonly<Record<string, SavedTensor>>;
  /** What the program wanted to remember beside it. */
  readonly info: Readonly<Record<string, unknown>>;
}

export const FORMAT = "layerwise-optimizer";
export const VERSION = 1;

/** The kinds of array by data type. */
export const ARRAYS: {
  readonly float32: typeof Float32Array;
  readonly int32: typeof Int32Array;
  readonly bool: typeof Uint8Array;
} = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

/** Throws unless data has the format and the version of {@link SavedState}, and its tensors are whole. */
export function checkSaved(name: string, saved: unknown): asserts saved is SavedState {
  if (!isRecord(saved) || saved.format !== FORMAT || !isRecord(saved.entries)) {
    const got = isRecord(saved) ? `format ${JSON.stringify(saved.format)}` : String(saved);
    throw new Error(`${name}: expected a saved state of format "${FORMAT}", got ${got}`);
  }
  if (saved.version !== VERSION) {
    throw new Error(`${name}: expected version ${VERSION}, got ${JSON.stringify(saved.version)}`);
  }
  for (const [path, entry] of Object.entries(saved.entries)) {
    if (!isWhole(entry)) {
      throw new Error(
        `${name}: expected dtype, shape and matching data at ${JSON.stringify(path)}`,
      );
    }
  }
}

function isWhole(entry: unknown): boolean {
  if (!isRecord(entry) || typeof entry.dtype !== "string" || !Object.hasOwn(ARRAYS, entry.dtype)) {
    return false;
  }
  const { shape, data } = entry;
  // By its name: an array made in another realm (worker, iframe) is none of our constructors'.
  const kind = Object.prototype.toString.call(data);
  return (
    kind === `[object ${ARRAYS[entry.dtype as keyof typeof ARRAYS].name}]` &&
    Array.isArray(shape) &&
    shape.every((n) => Number.isSafeInteger(n) && n >= 0) &&
    (data as Float32Array).length === shape.reduce((size: number, n: number) => size * n, 1)
  );
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
