import type { Bytes } from "./bytes.ts";

/** Types of values on WebAssembly's stack. */
export type ValueType = "i32" | "i64" | "f32" | "f64" | "v128";

/** Encodings of the types. */
export const VALUE_TYPES: Readonly<Record<ValueType, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
};

/** A local variable or parameter of a function. */
export interface Local {
  readonly index: number;
  readonly type: ValueType;
}

/** The local variables of a function, by type; released ones are used again. */
export class Locals {
  readonly #first: number;
  readonly #all: Local[] = [];
  readonly #free = new Map<ValueType, Local[]>();

  /** Parameters come first in the numbering. */
  constructor(params: number) {
    this.#first = params;
  }

  make(type: ValueType): Local {
    const local = { index: this.#first + this.#all.length, type };
    this.#all.push(local);
    return local;
  }

  take(type: ValueType): Local {
    return this.#free.get(type)?.pop() ?? this.make(type);
  }

  release(locals: readonly Local[]): void {
    for (const local of locals) {
      const list = this.#free.get(local.type);
      if (list === undefined) this.#free.set(local.type, [local]);
      else list.push(local);
    }
  }

  /** Writes the declarations, equal neighbours as one. */
  encode(body: Bytes): void {
    const runs: [ValueType, number][] = [];
    for (const { type } of this.#all) {
      const last = runs[runs.length - 1];
      if (last?.[0] === type) last[1]++;
      else runs.push([type, 1]);
    }
    body.unsigned(runs.length);
    for (const [type, count] of runs) {
      body.unsigned(count);
      body.byte(VALUE_TYPES[type]);
    }
  }
}
