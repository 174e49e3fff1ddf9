import type { backend_util, DataType, TensorInfo } from "@tensorflow/tfjs-core";
import type { ValueType } from "./value-type.ts";

/** The address of an entry that is not in the heap. */
export const NOWHERE = -1;

/** Reads the elements of an entry, wherever they are. */
export interface EntryReader {
  read(entry: Entry): backend_util.BackendValues | undefined;
}

/**
 * What the backend knows of one dataId. Its elements are JavaScript values, lie in the heap, or wait to be
 * computed. It outlives the dataId while recorded calls still need the elements.
 */
export class Entry {
  readonly dtype: DataType;
  /** Undefined for strings and complex numbers, and where tfjs stores fewer elements than the shape says. */
  readonly type: ValueType | undefined;
  /** tfjs's count of tensors. */
  refCount: number;
  complexTensorInfos?: { real: TensorInfo; imag: TensorInfo };
  /** Whether the dataId still exists. */
  live = true;
  /** Operands of recorded calls that are this entry. */
  uses = 0;
  pending = false;
  /** Whether computed elements are kept for recorded calls only. */
  held = false;
  address: number = NOWHERE;
  given: backend_util.BackendValues | undefined;
  readonly #reader: EntryReader;

  // Marks of the flush of this number, so that nothing has to be reset.
  numberedIn = -1;
  number = -1;
  wantedIn = -1;
  neededLaterIn = -1;

  constructor(
    reader: EntryReader,
    dtype: DataType,
    type: ValueType | undefined,
    refCount: number,
    given?: backend_util.BackendValues,
  ) {
    this.#reader = reader;
    this.dtype = dtype;
    this.type = type;
    this.refCount = refCount;
    this.given = given;
  }

  /** What kernels of tfjs's cpu backend read. */
  get values(): backend_util.BackendValues {
    return this.#reader.read(this) as backend_util.BackendValues;
  }
}
