import { at } from "../../ir/shape.ts";
import type { Graph, Node, OpAttrs, OpName, TensorType, Value } from "../../ir/types.ts";
import type { FunctionTable } from "./functions.ts";
import { tensorType, typeList } from "./syntax.ts";

/** A value under its name in the text. */
export interface Operand {
  readonly name: string;
  readonly type: TensorType;
}

/** One application of an operation to named operands. */
export interface Application<K extends OpName> {
  readonly inputs: readonly Operand[];
  readonly attrs: OpAttrs[K];
  readonly outputs: readonly TensorType[];
}

/** Writes an operation and returns its results; one that changes nothing returns an operand. */
export type Printer<K extends OpName> = (
  scope: Scope,
  application: Application<K>,
) => readonly Operand[];

/** Writes a node of any operation. */
export type PrintNode = (
  scope: Scope,
  node: Node,
  inputs: readonly Operand[],
) => readonly Operand[];

/** A part of an operation that stands on lines of its own. */
export type Region = () => void;

/** The body of one function: its lines, and the names that are taken. */
export class Scope {
  readonly functions: FunctionTable;
  readonly #print: PrintNode;
  readonly #lines: string[] = [];
  #indent = "    ";
  #values = 0;
  #arguments = 0;

  constructor(functions: FunctionTable, print: PrintNode) {
    this.functions = functions;
    this.#print = print;
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** New arguments of the function or of a region in it. */
  args(types: readonly TensorType[]): Operand[] {
    return types.map((type) => ({ name: `%arg${this.#arguments++}`, type }));
  }

  line(text: string): void {
    this.#lines.push(this.#indent + text);
  }

  /** Writes `%n = …`. Regions between the parts of the text stand on lines of their own. */
  op(types: readonly TensorType[], ...parts: readonly (string | Region)[]): Operand[] {
    const name = `%${this.#values++}`;
    let text = `${types.length === 1 ? name : `${name}:${types.length}`} = `;
    for (const part of parts) {
      if (typeof part === "string") {
        text += part;
        continue;
      }
      this.line(text);
      text = "";
      const outer = this.#indent;
      this.#indent += "  ";
      part();
      this.#indent = outer;
    }
    this.line(text);
    return types.map((type, i) => ({ name: types.length === 1 ? name : `${name}#${i}`, type }));
  }

  /** `op` with one result. */
  one(type: TensorType, ...parts: readonly (string | Region)[]): Operand {
    return at(this.op([type], ...parts), 0);
  }

  /** Ends a region. */
  yield(results: readonly Operand[]): void {
    this.line(`stablehlo.return ${names(results)} : ${typeList(results)}`);
  }

  /** A region with arguments of its own. */
  block(
    types: readonly TensorType[],
    body: (args: readonly Operand[]) => readonly Operand[],
  ): Region {
    return () => {
      const args = this.args(types);
      const declared = args.map(({ name, type }) => `${name}: ${tensorType(type)}`);
      // A label stands to the left of what it labels.
      this.#lines.push(`${this.#indent.slice(2)}^bb0(${declared.join(", ")}):`);
      this.yield(body(args));
    };
  }

  /** Writes the nodes of a graph here and returns its outputs. */
  inline(graph: Graph, inputs: readonly Operand[]): Operand[] {
    const known = new Map<Value, Operand>(graph.inputs.map((v, i) => [v, at(inputs, i)]));
    const look = (v: Value): Operand => {
      const found = known.get(v);
      if (found === undefined) throw new Error("toText: a value is used before it is defined");
      return found;
    };
    for (const node of graph.nodes) {
      const outputs = this.#print(this, node, node.inputs.map(look));
      node.outputs.forEach((v, i) => {
        known.set(v, at(outputs, i));
      });
    }
    return graph.outputs.map(look);
  }
}

/** `%0, %1` */
export const names = (list: readonly Operand[]): string => list.map(({ name }) => name).join(", ");
