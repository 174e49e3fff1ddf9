import { Code, type FunctionRef } from "../wasm/code.ts";
import type { Local, ValueType } from "../wasm/locals.ts";
import type { ModuleBuilder } from "../wasm/module.ts";
import type { Buffer, Kernel, KernelContext, MathFunction } from "./kernel.ts";

/** Where a buffer is: `offset` bytes behind the address in word `slot` of the arguments. */
export interface Place {
  readonly slot: number;
  readonly offset: number;
}

/** Word of the arguments with the address of the constants. */
export const CONSTANTS_SLOT = 0;

/** Parameters of a kernel's function: address of the arguments, number of the chunk, scratch memory. */
export const KERNEL_PARAMS: readonly ValueType[] = ["i32", "i32", "i32"];

/** Constants that the code of a module reads from memory. */
export class ConstantTable {
  readonly #words: number[] = [];
  readonly #known = new Map<string, number>();

  /** Byte offset of 32-bit patterns, 16-byte aligned. */
  offsetOf(words: ArrayLike<number>): number {
    const key = Array.prototype.join.call(words, ",");
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const offset = 4 * this.#words.length;
    for (let i = 0; i < words.length; i++) this.#words.push(words[i] as number);
    while (this.#words.length % 4 !== 0) this.#words.push(0);
    this.#known.set(key, offset);
    return offset;
  }

  get words(): Uint32Array {
    return Uint32Array.from(this.#words);
  }
}

/** What the functions of a module share. */
export interface ModuleContext {
  readonly module: ModuleBuilder;
  readonly constants: ConstantTable;
  placeOf(buffer: Buffer): Place;
  math(name: MathFunction): FunctionRef;
  library(name: string): FunctionRef;
}

/** Adds the function of a kernel to a module. */
export const writeKernel = (kernel: Kernel, context: ModuleContext): FunctionRef => {
  const code = new Code(KERNEL_PARAMS);
  const args = code.param(0);
  const addresses = new Map<string, { readonly local: Local; readonly place: Place }>();
  const at = (place: Place): Local => {
    const key = `${place.slot}+${place.offset}`;
    const known = addresses.get(key);
    if (known !== undefined) return known.local;
    // Not one that was released: it is set before all code that used that one.
    const local = code.freshLocal("i32");
    addresses.set(key, { local, place });
    return local;
  };
  const kernelContext: KernelContext = {
    code,
    chunk: code.param(1),
    scratch: code.param(2),
    address: (buffer) => at(context.placeOf(buffer)),
    table: (words) => ({
      base: at({ slot: CONSTANTS_SLOT, offset: 0 }),
      offset: context.constants.offsetOf(words),
    }),
    math: context.math,
    library: context.library,
  };
  const body = code.aside(() => kernel.emit(kernelContext));
  for (const { local, place } of addresses.values()) {
    code.get(args).memory("i32.load", 4 * place.slot);
    if (place.offset !== 0) code.i32(place.offset).op("i32.add");
    code.set(local);
  }
  code.splice(body);
  return context.module.add(code);
};
