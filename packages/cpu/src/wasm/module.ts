import { Bytes } from "./bytes.ts";
import type { Code, FunctionRef, GlobalRef } from "./code.ts";
import { VALUE_TYPES, type ValueType } from "./locals.ts";

/** The memory that a module imports as `env.memory`. */
export interface MemoryImport {
  readonly shared: boolean;
  /** Pages of 64 KiB. */
  readonly initial: number;
  readonly maximum: number;
}

interface Signature {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/**
 * Assembles a WebAssembly module. Imported functions must be declared before others; a function may
 * be declared before its code is given, so that functions can call one another.
 */
export class ModuleBuilder {
  readonly #types: string[] = [];
  readonly #signatures: Signature[] = [];
  readonly #imports: { readonly module: string; readonly name: string; readonly type: number }[] =
    [];
  readonly #functions: { readonly type: number; code: Code | undefined }[] = [];
  readonly #globals: { readonly type: ValueType; readonly value: number }[] = [];
  readonly #exports: { readonly name: string; readonly kind: 0 | 3; readonly index: number }[] = [];
  #memory: MemoryImport | undefined;

  #signature(params: readonly ValueType[], results: readonly ValueType[]): number {
    const key = `${params}→${results}`;
    const known = this.#types.indexOf(key);
    if (known >= 0) return known;
    this.#types.push(key);
    this.#signatures.push({ params, results });
    return this.#types.length - 1;
  }

  importMemory(memory: MemoryImport): void {
    this.#memory = memory;
  }

  importFunction(
    module: string,
    name: string,
    params: readonly ValueType[],
    results: readonly ValueType[],
  ): FunctionRef {
    if (this.#functions.length > 0) throw new Error("imports come before functions");
    this.#imports.push({ module, name, type: this.#signature(params, results) });
    return { index: this.#imports.length - 1 };
  }

  /** Declares a function whose code follows with {@link define}. */
  declare(params: readonly ValueType[], results: readonly ValueType[]): FunctionRef {
    this.#functions.push({ type: this.#signature(params, results), code: undefined });
    return { index: this.#imports.length + this.#functions.length - 1 };
  }

  define(fn: FunctionRef, code: Code): void {
    const entry = this.#functions[fn.index - this.#imports.length];
    if (entry === undefined) throw new RangeError(`no function ${fn.index}`);
    entry.code = code;
  }

  /** Declares and defines. */
  add(code: Code, exportName?: string): FunctionRef {
    const params = code.params.map(({ type }) => type);
    const fn = this.declare(params, code.results);
    this.define(fn, code);
    if (exportName !== undefined) this.exportFunction(exportName, fn);
    return fn;
  }

  exportFunction(name: string, fn: FunctionRef): void {
    this.#exports.push({ name, kind: 0, index: fn.index });
  }

  /** A mutable i32, i64, f32 or f64 that is private to each instance. */
  global(type: Exclude<ValueType, "v128">, value = 0): GlobalRef {
    this.#globals.push({ type, value });
    return { index: this.#globals.length - 1 };
  }
  exportGlobal(name: string, global: GlobalRef): void {
    this.#exports.push({ name, kind: 3, index: global.index });
  }

  build(): Uint8Array<ArrayBuffer> {
    const out = new Bytes();
    out.bytes([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
    this.#section(out, 1, this.#signatures, (b, { params, results }) => {
      b.byte(0x60);
      for (const list of [params, results]) {
        b.unsigned(list.length);
        for (const type of list) b.byte(VALUE_TYPES[type]);
      }
    });
    this.#importSection(out);
    this.#section(out, 3, this.#functions, (b, { type }) => b.unsigned(type));
    this.#section(out, 6, this.#globals, writeGlobal);
    this.#section(out, 7, this.#exports, (b, { name, kind, index }) => {
      b.name(name);
      b.byte(kind);
      b.unsigned(index);
    });
    this.#section(out, 10, this.#functions, (b, { code }) => {
      if (code === undefined) throw new Error("a declared function has no code");
      b.sized(code.encode());
    });
    return out.view().slice() as Uint8Array<ArrayBuffer>;
  }

  #importSection(out: Bytes): void {
    const memory = this.#memory === undefined ? [] : [this.#memory];
    this.#section(out, 2, [...this.#imports, ...memory], (b, entry) => {
      if ("shared" in entry) {
        b.name("env");
        b.name("memory");
        b.bytes([0x02, entry.shared ? 0x03 : 0x01]);
        b.unsigned(entry.initial);
        b.unsigned(entry.maximum);
      } else {
        b.name(entry.module);
        b.name(entry.name);
        b.byte(0x00);
        b.unsigned(entry.type);
      }
    });
  }

  #section<T>(out: Bytes, id: number, entries: readonly T[], write: (b: Bytes, entry: T) => void) {
    if (entries.length === 0) return;
    const body = new Bytes();
    body.unsigned(entries.length);
    for (const entry of entries) write(body, entry);
    out.byte(id);
    out.sized(body);
  }
}

const writeGlobal = (
  b: Bytes,
  { type, value }: { readonly type: ValueType; readonly value: number },
): void => {
  b.bytes([VALUE_TYPES[type], 0x01]);
  switch (type) {
    case "i64":
      b.byte(0x42);
      b.signed64(BigInt(value));
      break;
    case "f32":
      b.byte(0x43);
      b.f32(value);
      break;
    case "f64":
      b.byte(0x44);
      b.f64(value);
      break;
    default:
      b.byte(0x41);
      b.signed(value);
  }
  b.byte(0x0b);
};
