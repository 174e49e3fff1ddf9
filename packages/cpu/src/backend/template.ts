import {
  Builder,
  type Graph,
  KernelCall,
  lowerings,
  type Value,
} from "@layerwise/autodiff/executor";
import { isNumeric, type NumericType, type ValueType, type ValueTypes } from "./value-type.ts";

/** One result of a kernel call. */
export interface TemplateResult {
  readonly type: ValueType;
  /** The operand whose elements it shares, by its place in the call, or −1 for a result of its own. */
  readonly shares: number;
}

/**
 * What all calls of a kernel with the same attributes and types of operands have in common: they are lowered
 * once, and a call is recorded as its template with its operands.
 */
export interface Template {
  readonly id: number;
  /** The lowered call; its outputs are the results that share nothing. */
  readonly graph: Graph;
  /** Which of the call's operands are the graph's inputs; the others only matter by their type. */
  readonly used: readonly number[];
  readonly inputTypes: readonly ValueType[];
  readonly results: readonly TemplateResult[];
  /** Whether the kernel returns a list. */
  readonly isList: boolean;
}

/** An operand of a kernel call. */
export interface Operand {
  readonly name: string;
  readonly type: ValueType;
}

const TF: Readonly<Record<string, NumericType>> = { f32: "float32", i32: "int32", bool: "bool" };

/** Lowers calls of kernels. */
export class Templates {
  readonly #types: ValueTypes;
  #count = 0;

  constructor(types: ValueTypes) {
    this.#types = types;
  }

  /** Whether the IR has what the attributes name; it has neither strings nor complex numbers. */
  supports(attrs: Readonly<Record<string, unknown>>): boolean {
    const { dtype, value } = attrs;
    return (dtype == null || isNumeric(String(dtype))) && typeof value !== "string";
  }

  /** Lowers a call; throws where its operands or attributes are wrong. */
  make(
    kernel: string,
    operands: readonly Operand[],
    attrs: Readonly<Record<string, unknown>>,
  ): Template {
    const lower = lowerings[kernel];
    if (lower === undefined) throw new Error(`${kernel}: there is no lowering`);
    const b = new Builder();
    const values = operands.map(({ type }) => b.input(type.type));
    const inputs = Object.fromEntries(operands.map(({ name }, i) => [name, values[i]!]));
    const lowered = lower(new KernelCall(b, kernel, inputs, attrs));
    const isList = !("type" in lowered);
    const all = isList ? lowered : [lowered];
    const results = all.map((value): TemplateResult => {
      const { dtype, shape } = value.type;
      const type = this.#types.of(TF[dtype] as NumericType, shape);
      return { type, shares: values.indexOf(reshaped(value)) };
    });
    const outputs = all.filter((_, i) => results[i]!.shares < 0);
    const read = new Set([...b.nodes.flatMap((node) => node.inputs), ...outputs]);
    const used = [...values.keys()].filter((i) => read.has(values[i]!));
    return {
      id: this.#count++,
      graph: { inputs: used.map((i) => values[i]!), nodes: b.nodes, outputs },
      used,
      inputTypes: used.map((i) => operands[i]!.type),
      results,
      isList,
    };
  }
}

/** What a value is a reshape of: all elements stay where they are. */
const reshaped = (value: Value): Value => {
  let source = value;
  while (source.producer?.op === "reshape") source = source.producer.inputs[0]!;
  return source;
};
