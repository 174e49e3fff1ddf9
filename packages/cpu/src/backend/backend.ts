import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import {
  type BackendTimingInfo,
  type backend_util,
  type DataId,
  type DataType,
  type TensorInfo,
  util,
} from "@tensorflow/tfjs-core";
import type { Device } from "./device.ts";
import { Entry } from "./entry.ts";
import { type Mode, Recorder } from "./recorder.ts";
import { Storage } from "./storage.ts";
import type { Template } from "./template.ts";
import type { ValueType } from "./value-type.ts";

/** What the backend says of its memory, besides what tfjs counts. */
export interface HeapInfo {
  readonly unreliable: boolean;
  readonly reasons: string[];
  /** Bytes of the heap that tensors occupy. */
  readonly heapBytes: number;
}

/**
 * A tfjs backend whose kernels are recorded and computed together by an engine with a heap of its own. The
 * kernels of tfjs's cpu backend work on it unchanged.
 */
export class LayerwiseCPU extends MathBackendCPU {
  readonly device: Device;
  readonly storage: Storage;
  readonly recorder: Recorder;

  constructor(device: Device, mode: Mode) {
    super();
    this.device = device;
    this.storage = new Storage(device.engine, device.types, () => this.recorder.flush());
    this.recorder = new Recorder(device, this.storage, mode);
  }

  /** What is known of a tensor; moves its elements here where another backend has them. */
  entryOf(dataId: DataId): Entry {
    return this.data.get(dataId) as Entry;
  }

  /** Makes dataIds for the results of a call, or for further tensors of its operands' elements. */
  record(template: Template, given: readonly TensorInfo[]): TensorInfo[] {
    const outputs: Entry[] = [];
    const infos = template.results.map(({ type, shares }): TensorInfo => {
      const { dtype } = type;
      const shape = [...type.shape];
      if (shares < 0) {
        const entry = this.#pending(type);
        outputs.push(entry);
        return { dataId: this.#keep(entry), shape, dtype };
      }
      const { dataId } = given[shares]!;
      this.incRef(dataId);
      return { dataId, shape, dtype };
    });
    if (outputs.length === 0) return infos;
    const operands = template.used.map((i) => this.entryOf(given[i]!.dataId));
    try {
      this.recorder.add({ template, operands, outputs, needed: false });
    } catch (error) {
      for (const { dataId } of infos) this.disposeData(dataId);
      throw error;
    }
    return infos;
  }

  #pending(type: ValueType): Entry {
    const entry = new Entry(this.storage, type.dtype, type, 1);
    entry.pending = true;
    return entry;
  }

  #keep(entry: Entry): DataId {
    const dataId = {};
    this.data.set(dataId, entry);
    return dataId;
  }

  /** A tensor for elements that the engine has put at an address. */
  adopt(type: ValueType, address: number): TensorInfo {
    const entry = new Entry(this.storage, type.dtype, type, 1);
    this.storage.place(entry, address);
    return { dataId: this.#keep(entry), shape: [...type.shape], dtype: type.dtype };
  }

  override write(values: backend_util.BackendValues, shape: number[], dtype: DataType): DataId {
    return this.#keep(this.storage.store(values, shape, dtype, 1));
  }

  override move(
    dataId: DataId,
    values: backend_util.BackendValues,
    shape: number[],
    dtype: DataType,
    refCount: number,
  ): void {
    this.data.set(dataId, this.storage.store(values, shape, dtype, refCount));
  }

  override readSync(dataId: DataId): backend_util.BackendValues {
    const { given, type } = this.entryOf(dataId);
    const values = super.readSync(dataId);
    // Outside the heap the values themselves came back.
    return given !== undefined && type !== undefined ? (values as Float32Array).slice() : values;
  }

  override disposeData(dataId: DataId, force = false): boolean {
    if (!this.data.has(dataId)) return true;
    const entry = this.entryOf(dataId);
    const gone = super.disposeData(dataId, force);
    if (gone) {
      entry.live = false;
      this.recorder.disposed(entry);
    }
    return gone;
  }

  override async time(f: () => void): Promise<BackendTimingInfo> {
    this.recorder.flush();
    const start = util.now();
    f();
    this.recorder.flush();
    return { kernelMs: util.now() - start };
  }

  override memory(): HeapInfo {
    return { unreliable: false, reasons: [], heapBytes: this.storage.heapBytes };
  }

  override dispose(): void {
    this.recorder.clear();
    this.storage.releaseAll();
  }
}
