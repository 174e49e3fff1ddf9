import { Builder } from "../ir/builder.ts";
import type { LiteralData, OpAttrs, OpName, Value } from "../ir/types.ts";

/**
 * A builder that never makes the same node twice: an operation with the operands and attributes of an
 * earlier one returns the earlier results (common subexpression elimination by construction).
 */
export class HashConsBuilder extends Builder {
  readonly #made = new Map<string, readonly Value[]>();
  readonly #ids = new Map<object, number>();

  override emit<K extends OpName>(
    op: K,
    inputs: readonly Value[],
    attrs: OpAttrs[K],
  ): readonly Value[] {
    const key = `${op}(${inputs.map((v) => this.#id(v))})${this.#attrsKey(attrs)}`;
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const outputs = super.emit(op, inputs, attrs);
    this.#made.set(key, outputs);
    return outputs;
  }

  #id(thing: object): number {
    const id = this.#ids.get(thing) ?? this.#ids.size;
    this.#ids.set(thing, id);
    return id;
  }

  // Bodies and big constants are compared by identity, everything else by content.
  #attrsKey(attrs: object): string {
    return JSON.stringify(attrs, (_, value: unknown) => {
      if (ArrayBuffer.isView(value)) return this.#dataKey(value as LiteralData);
      const isGraph = typeof value === "object" && value !== null && "nodes" in value;
      return isGraph ? `graph ${this.#id(value)}` : value;
    });
  }

  #dataKey(data: LiteralData): string {
    if (data.length > 16) return `data ${this.#id(data)}`;
    // JSON would write NaN and the infinities as null and drop the sign of zero.
    const show = (x: number): string => (Object.is(x, -0) ? "-0" : `${x}`);
    return `${data.constructor.name} ${Array.from(data, show)}`;
  }
}
