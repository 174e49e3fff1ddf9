import type { TensorType } from "@layerwise/autodiff/executor";

/** The dtypes of tfjs that the IR has. */
export type NumericType = "float32" | "int32" | "bool";

/** Elements as tfjs keeps them. */
export type Elements = Float32Array | Int32Array | Uint8Array;

/** A type of tensors, of which there is one object: comparing ids compares types. */
export interface ValueType {
  readonly id: number;
  readonly dtype: NumericType;
  readonly shape: readonly number[];
  readonly size: number;
  readonly bytes: number;
  /** The same in the IR. */
  readonly type: TensorType;
}

const IR = { float32: "f32", int32: "i32", bool: "bool" } as const;

/** Whether the IR has a dtype of tfjs. */
export const isNumeric = (dtype: string): dtype is NumericType => dtype in IR;

/** Elements in memory, where `size` of them start at `address`. */
export const viewAt = (
  buffer: ArrayBufferLike,
  address: number,
  dtype: NumericType,
  size: number,
): Elements => {
  if (dtype === "float32") return new Float32Array(buffer, address, size);
  return dtype === "int32"
    ? new Int32Array(buffer, address, size)
    : new Uint8Array(buffer, address, size);
};

/** Numbers as the typed array of a dtype; the given array itself where it is one. */
export const elementsOf = (values: ArrayLike<number>, dtype: NumericType): Elements => {
  if (dtype === "float32") {
    return values instanceof Float32Array ? values : Float32Array.from(values);
  }
  if (dtype === "int32") return values instanceof Int32Array ? values : Int32Array.from(values);
  return values instanceof Uint8Array ? values : Uint8Array.from(values, (v) => (v ? 1 : 0));
};

/** All types that have occurred. */
export class ValueTypes {
  readonly #known = new Map<string, ValueType>();

  /** The type of a dtype and shape. */
  of(dtype: NumericType, shape: readonly number[]): ValueType {
    const key = shape.length === 1 ? dtype + shape[0] : dtype + shape.join();
    const known = this.#known.get(shape.length === 0 ? `${dtype}[]` : key);
    return known ?? this.#add(shape.length === 0 ? `${dtype}[]` : key, dtype, [...shape]);
  }

  #add(key: string, dtype: NumericType, shape: readonly number[]): ValueType {
    const size = shape.reduce((n, d) => n * d, 1);
    const made: ValueType = {
      id: this.#known.size,
      dtype,
      shape,
      size,
      bytes: dtype === "bool" ? size : 4 * size,
      type: { shape, dtype: IR[dtype] },
    };
    this.#known.set(key, made);
    return made;
  }
}
