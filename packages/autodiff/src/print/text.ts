import type { Graph, OpName } from "../ir/types.ts";
import { expandLinearCalls } from "../transform/index.ts";
import { FunctionTable } from "./text/functions.ts";
import { printers } from "./text/printers.ts";
import { names, type Printer, type PrintNode, Scope } from "./text/scope.ts";
import { tensorType, typeList } from "./text/syntax.ts";

const printNode: PrintNode = (scope, { op, attrs, outputs }, inputs) =>
  (printers[op] as Printer<OpName>)(scope, {
    inputs,
    attrs,
    outputs: outputs.map(({ type }) => type),
  });

const printFunction = (functions: FunctionTable, head: string, graph: Graph): string[] => {
  const scope = new Scope(functions, printNode);
  const args = scope.args(graph.inputs.map(({ type }) => type));
  const results = scope.inline(graph, args);
  const declared = args.map(({ name, type }) => `${name}: ${tensorType(type)}`).join(", ");
  const end = results.length === 0 ? "return" : `return ${names(results)} : ${typeList(results)}`;
  return [
    `  ${head}(${declared}) -> (${typeList(results)}) {`,
    ...scope.lines,
    `    ${end}`,
    "  }",
  ];
};

/**
 * A graph as the text of a StableHLO module, which JAX, XLA, IREE and others read.
 *
 * The module's function `@main` takes the inputs of the graph and returns its outputs; bodies of
 * calls are private functions. `name` names the module. Names of values are numbered in the order
 * of the text, so that equal graphs have equal text. A few functions that StableHLO lacks (`erf`,
 * `asin`, …) are of the dialect CHLO, which travels with it. Derivative rules are not part of the
 * text: differentiate first.
 *
 * @example
 * ```ts
 * import { toText, trace } from "@layerwise/autodiff";
 * import * as tf from "@tensorflow/tfjs-core";
 *
 * const { graph } = trace((x: tf.Tensor) => tf.sum(tf.square(x)), [{ shape: [3], dtype: "float32" }]);
 * if (!toText(graph).includes("(%arg0: tensor<3xf32>) -> (tensor<f32>)")) throw new Error("main");
 * ```
 */
export const toText = (graph: Graph, name = "main"): string => {
  const functions = new FunctionTable();
  const main = printFunction(functions, "func.func public @main", expandLinearCalls(graph));
  const lines = [
    `module @${/^[A-Za-z_][\w.$]*$/.test(name) ? name : JSON.stringify(name)} {`,
    ...main,
  ];
  // Printing a function may call for further ones, which are appended to the list.
  for (const { symbol, graph: body } of functions.list) {
    lines.push(...printFunction(functions, `func.func private @${symbol}`, body));
  }
  return `${[...lines, "}"].join("\n")}\n`;
};
