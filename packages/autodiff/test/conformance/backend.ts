import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu/dist/backend_cpu";
import type * as tf from "@tensorflow/tfjs-core";
import type { Value } from "../../src/ir/types.ts";
import { tfDType, typeOf } from "../../src/trace/tensors.ts";

/** Elements as tfjs's backends keep them. */
export type Elements = Float32Array | Int32Array | Uint8Array;

/** What MathBackendCPU stores for a tensor, here perhaps with elements that are computed on demand. */
interface Stored {
  values?: tf.backend_util.BackendValues;
  readonly dtype: tf.DataType;
  refCount: number;
}

/**
 * tfjs's cpu backend whose tensors may be values of a graph: their elements are computed by `force`
 * when something reads them. Kernels of the cpu backend work on it unchanged.
 */
export class GraphBackend extends MathBackendCPU {
  readonly #force: (value: Value) => Elements;
  readonly #values = new WeakMap<object, Value>();
  readonly #known = new WeakMap<Value, Elements>();
  /** Values in use that nothing has computed yet. */
  readonly pending = new Set<Value>();

  constructor(force: (backend: GraphBackend, value: Value) => Elements) {
    super();
    this.#force = (value) => force(this, value);
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
  valueOf(x: tf.TensorInfo): Value {
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
    const shape = [...value.type.shape];
    const dataId = {};
    const force = this.#force;
    const known = this.#known;
    const stored: Stored = {
      dtype,
      refCount: 1,
      get values() {
        return known.get(value) ?? force(value);
      },
    };
    this.data.set(dataId, stored);
    this.#values.set(dataId, value);
    if (!known.has(value)) this.pending.add(value);
    return { dataId, shape, dtype };
  }

  override disposeData(dataId: tf.DataId, force?: boolean): boolean {
    const gone = super.disposeData(dataId, force);
    const value = this.#values.get(dataId);
    if (gone && value !== undefined) this.pending.delete(value);
    return gone;
  }
}
