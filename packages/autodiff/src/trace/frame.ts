import { Builder } from "../ir/builder.ts";
import type { Graph, OpAttrs, OpName, TensorType, Value } from "../ir/types.ts";

/**
 * A function body being recorded. Values of an enclosing frame become inputs of this one when they
 * are first used, so that every recorded graph is closed.
 */
export class Frame extends Builder {
  readonly parent: Frame | undefined;
  readonly #own = new Set<Value>();
  readonly #captured = new Map<Value, Value>();

  constructor(parent: Frame | undefined) {
    super();
    this.parent = parent;
  }

  override input(type: TensorType): Value {
    const value = super.input(type);
    this.#own.add(value);
    return value;
  }

  override emit<K extends OpName>(
    op: K,
    inputs: readonly Value[],
    attrs: OpAttrs[K],
  ): readonly Value[] {
    const outputs = super.emit(op, inputs, attrs);
    for (const value of outputs) this.#own.add(value);
    return outputs;
  }

  /** Whether the value was made in this frame. */
  owns(value: Value): boolean {
    return this.#own.has(value);
  }

  /** The value as this frame sees it: its own, or an input that stands for an enclosing frame's. */
  lift(value: Value): Value {
    const known = this.#find(value);
    if (known !== undefined) return known;
    if (this.parent === undefined) {
      throw new Error(
        "trace: a traced tensor was used outside the function that was being traced; " +
          "return it from that function instead of keeping it in a variable",
      );
    }
    const outer = this.parent.lift(value);
    // The parent may have lifted it too; then it goes by two names and must still come in only once.
    const input = this.#captured.get(outer) ?? this.#capture(outer);
    this.#captured.set(value, input);
    return input;
  }

  /**
   * Makes the values of a body that ran in this frame usable here. `values` maps those that the body
   * owns to this frame's.
   */
  adopt(body: Frame, values: ReadonlyMap<Value, Value>): void {
    this.#adopted.push({ body, values });
  }
  readonly #adopted: { readonly body: Frame; readonly values: ReadonlyMap<Value, Value> }[] = [];

  #find(value: Value): Value | undefined {
    if (this.#own.has(value)) return value;
    const known = this.#captured.get(value);
    if (known !== undefined) return known;
    for (const { body, values } of this.#adopted) {
      const inner = body.#find(value);
      if (inner !== undefined) return values.get(inner);
    }
    return undefined;
  }

  #capture(outer: Value): Value {
    const input = this.input(outer.type);
    this.#captured.set(outer, input);
    this.#outer.push(outer);
    this.#inner.push(input);
    return input;
  }
  readonly #outer: Value[] = [];
  readonly #inner: Value[] = [];

  /** Values of the enclosing frame that this one uses, in the order of the inputs that stand for them. */
  get captures(): readonly Value[] {
    return this.#outer;
  }

  /** The recorded graph with inputs (captures…, declared inputs…). */
  close(outputs: readonly Value[]): Graph {
    const graph = this.finish(outputs);
    const inner = new Set(this.#inner);
    return { ...graph, inputs: [...this.#inner, ...graph.inputs.filter((v) => !inner.has(v))] };
  }
}
