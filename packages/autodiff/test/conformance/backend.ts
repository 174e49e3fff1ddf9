import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import type * as tf from "@tensorflow/tfjs-core";
import type { Value } from "../../src/ir/types.ts";
import { tfDType, typeOf } from "../../src/trace/tensors.ts";

/** Elements as tfjs's backends keep them. */
export type Elements = Float32Array | Int32Array | Uint8Array;

/** Computes a value of which nothing is known; must `learn` it. */
export type Force = (backend: GraphBackend, value: Value) => void;

/**
 * tfjs's cpu backend whose tensors may be values of a graph: their elements are computed by `force`
 * when something reads them. Kernels of the cpu backend work on it unchanged.
 */
export class GraphBackend extends MathBackendCPU {
  readonly #force: Force;
  readonly #values = new WeakMap<object, Value>();
  readonly #known = new WeakMap<Value, Elements>();
  /** Values of live tensors that nothing has computed yet. */
  readonly pending: Set<Value> = new Set();

  constructor(force: Force) {
    super();
    this.#force = force;
  }

  /** The elements of a value, where they are known. */
  known(value: Value): Elements | undefined {
    return this.#known.get(value);
  }

  /** Stores computed elements. */
  learn(value: Value, elements: Elements): void {
    this.#known.set(value, elements);
    this.pending.delete(value);
  }

  /** The value of a tensor with data or of one that waits to be computed. */
  valueFor(x: tf.TensorInfo): Value {
    // Moves the data here if another backend has them.
    const stored = this.data.get(x.dataId);
    const found = this.#values.get(x.dataId);
    if (found !== undefined) return found;
    const value: Value = { type: typeOf(x), producer: undefined };
    this.#values.set(x.dataId, value);
    this.#known.set(value, stored.values as Elements);
    return value;
  }

  /** A tensor for a value; its elements may be computed later. */
  tensorOf(value: Value): tf.TensorInfo {
    const dtype = tfDType(value.type.dtype);
    const dataId = {};
    const read = (): Elements => {
      if (!this.#known.has(value)) this.#force(this, value);
      return this.#known.get(value)!;
    };
    this.data.set(dataId, {
      dtype,
      refCount: 1,
      get values() {
        return read();
      },
    });
    this.#values.set(dataId, value);
    if (!this.#known.has(value)) this.pending.add(value);
    return { dataId, shape: [...value.type.shape], dtype };
  }

  override disposeData(dataId: tf.DataId, force?: boolean): boolean {
    const gone = super.disposeData(dataId, force);
    const value = this.#values.get(dataId);
    if (gone && value !== undefined) this.pending.delete(value);
    return gone;
  }
}
