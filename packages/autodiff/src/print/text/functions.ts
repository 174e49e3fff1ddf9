import type { Graph } from "../../ir/types.ts";

/** A function of the module that other functions call. */
export interface PrivateFunction {
  readonly symbol: string;
  readonly graph: Graph;
}

/** The private functions of a module, each once, in the order in which they were first called. */
export class FunctionTable {
  readonly list: PrivateFunction[] = [];
  readonly #ofBody = new Map<Graph, string>();
  readonly #ofName = new Set<string>();

  /** The symbol of a body; bodies are the same if they are the same object. */
  ofBody(graph: Graph): string {
    let symbol = this.#ofBody.get(graph);
    if (symbol === undefined) {
      symbol = `call_${this.#ofBody.size}`;
      this.#ofBody.set(graph, symbol);
      this.list.push({ symbol, graph });
    }
    return symbol;
  }

  /** The symbol of a function that is the same wherever its name is. */
  ofName(symbol: string, build: () => Graph): string {
    if (!this.#ofName.has(symbol)) {
      this.#ofName.add(symbol);
      this.list.push({ symbol, graph: build() });
    }
    return symbol;
  }
}
