import type { KernelContext, MathFunction } from "../kernel/kernel.ts";
import type { Lanes } from "../lane/lane.ts";
import type { Code, FunctionRef } from "../wasm/code.ts";
import type { Local } from "../wasm/locals.ts";

const bitsOf = (value: number): number =>
  new Int32Array(Float32Array.of(value).buffer)[0] as number;

/**
 * The constants of one kernel, each in a vector local of its own. Emit the code that uses them aside
 * and put {@link ConstantLanes.load} in front of it.
 */
export class ConstantLanes implements Lanes {
  readonly #context: KernelContext;
  readonly #known = new Map<string, { readonly local: Local; readonly words: readonly number[] }>();

  constructor(context: KernelContext) {
    this.#context = context;
  }

  get code(): Code {
    return this.#context.code;
  }

  f32(value: number): Local {
    return this.i32(bitsOf(value));
  }

  i32(value: number): Local {
    return this.#constant([value | 0]);
  }

  /** A v128 local with these four 32-bit patterns. */
  vector(words: readonly [number, number, number, number]): Local {
    const [first, ...rest] = words;
    return rest.every((word) => word === first) ? this.i32(first) : this.#constant(words);
  }

  math(name: MathFunction): FunctionRef {
    return this.#context.math(name);
  }

  #constant(words: readonly number[]): Local {
    const key = words.join();
    const known = this.#known.get(key);
    if (known !== undefined) return known.local;
    const local = this.code.freshLocal("v128");
    this.#known.set(key, { local, words });
    return local;
  }

  /** Emits the loads of all constants asked for so far. */
  load(): void {
    for (const { local, words } of this.#known.values()) {
      const { base, offset } = this.#context.table(words.map((word) => word >>> 0));
      const load = words.length === 1 ? "v128.load32_splat" : "v128.load";
      this.code.get(base).memory(load, offset).set(local);
    }
  }
}
