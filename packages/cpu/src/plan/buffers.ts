import { type DType, sizeOf, type Value } from "@layerwise/autodiff/executor";
import { type Buffer, bufferBytes, elementBytes } from "../kernel/kernel.ts";

/** Where a buffer's memory comes from. */
export type Home =
  | { readonly kind: "input" | "output"; readonly index: number }
  | { readonly kind: "constant"; readonly offset: number }
  | { readonly kind: "arena" }
  /** A part of another buffer. */
  | { readonly kind: "part"; readonly of: PlannedBuffer; readonly offset: number };

/** A buffer of a plan; its home can still change while the plan is made. */
export interface PlannedBuffer extends Buffer {
  home: Home;
}

/** Constants that are data, one after another, with the address of each aligned to 64 bytes. */
export class ConstantData {
  readonly #parts: { readonly offset: number; readonly bytes: Uint8Array }[] = [];
  #size = 0;

  add(bytes: Uint8Array): number {
    const offset = this.#size;
    this.#parts.push({ offset, bytes });
    this.#size = alignTo64(offset + bytes.length);
    return offset;
  }

  get bytes(): Uint8Array {
    const all = new Uint8Array(this.#size);
    for (const { offset, bytes } of this.#parts) all.set(bytes, offset);
    return all;
  }
}

/** The next multiple of 64. */
export const alignTo64 = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** The buffers of a graph's values. */
export class Buffers {
  readonly #values = new Map<Value, PlannedBuffer>();
  readonly constants: ConstantData;
  /** All that own memory, in the order in which they were made. */
  readonly all: PlannedBuffer[] = [];

  constructor(constants: ConstantData) {
    this.constants = constants;
  }

  make(dtype: DType, size: number, home: Home = { kind: "arena" }): PlannedBuffer {
    const buffer = { dtype, size, home };
    this.all.push(buffer);
    return buffer;
  }

  /** Elements `offset` … of another buffer. */
  part(of: PlannedBuffer, offset: number, size: number): PlannedBuffer {
    if (offset === 0 && size === of.size) return of;
    const home: Home = { kind: "part", of, offset: offset * elementBytes(of.dtype) };
    return { dtype: of.dtype, size, home };
  }

  /** The buffer of a value that an input, a constant or a kernel gives. */
  of(value: Value): PlannedBuffer {
    const known = this.#values.get(value);
    if (known !== undefined) return known;
    const { shape, dtype } = value.type;
    const buffer = this.make(dtype, sizeOf(shape), this.#home(value));
    this.#values.set(value, buffer);
    return buffer;
  }

  set(value: Value, buffer: PlannedBuffer): void {
    this.#values.set(value, buffer);
  }

  #home({ producer, type }: Value): Home {
    if (producer?.op !== "constant") return { kind: "arena" };
    const { data } = producer.attrs;
    const elements = typedElements(type.dtype, data);
    const bytes = new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);
    return { kind: "constant", offset: this.constants.add(bytes) };
  }
}

const typedElements = (
  dtype: DType,
  data: ArrayLike<number>,
): Float32Array | Int32Array | Uint32Array | Uint8Array => {
  switch (dtype) {
    case "f32":
      return Float32Array.from(data);
    case "i32":
      return Int32Array.from(data);
    case "u32":
      return Uint32Array.from(data);
    case "bool":
      return Uint8Array.from(data, (v) => (v ? 1 : 0));
    case "f16":
      throw new Error("layerwise-cpu: f16 is not supported, got a constant of it");
  }
};

/** The buffer that owns the memory, and the offset in it. */
export const ownerOf = (
  buffer: Buffer,
): { readonly owner: PlannedBuffer; readonly offset: number } => {
  let owner = buffer as PlannedBuffer;
  let offset = 0;
  while (owner.home.kind === "part") {
    offset += owner.home.offset;
    owner = owner.home.of;
  }
  return { owner, offset };
};

/** Bytes that a buffer takes in memory. */
export const paddedBytes = (buffer: Buffer): number => alignTo64(Math.max(1, bufferBytes(buffer)));
