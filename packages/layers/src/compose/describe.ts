import type { TensorTree } from "@layerwise/autodiff";
import { treeLeaves } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Layer, Shape, Variables } from "../core/layer.ts";
import { atPath, showShape } from "../core/layer-error.ts";
import type { Sequential } from "./sequential.ts";

/** One row of a model's description. */
export interface LayerSummary {
  /** Names joined by dots, as in the parameter tree; empty for a model that is one layer. */
  readonly path: string;
  readonly kind: string;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  /** The number of trained values. */
  readonly parameters: number;
}

/**
 * Lists the layers of a model with their shapes and parameter counts; containers are opened.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { activation, dense, describe, sequential } from "@layerwise/layers";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const net = sequential([dense({ units: 3 }), activation("relu")]);
 * const rows = describe(net, net.init(random.key(0), [4]), [4]);
 * if (rows[0]?.parameters !== 15 || rows[1]?.kind !== "relu") throw new Error("rows");
 * ```
 */
export function describe<Params extends TensorTree, State extends TensorTree>(
  layer: Layer<Params, State>,
  variables: Variables<Params, State>,
  inputShape: Shape,
): LayerSummary[] {
  return summarize(layer, variables.params, inputShape, "");
}

/**
 * Formats a description as a text table with a total.
 *
 * @example
 * ```ts
 * import { toTable } from "@layerwise/layers";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const text = toTable([
 *   { path: "0", kind: "dense", inputShape: [4], outputShape: [3], parameters: 15 },
 * ]);
 * if (!text.endsWith("15")) throw new Error(text);
 * ```
 */
export function toTable(rows: readonly LayerSummary[]): string {
  const total = rows.reduce((sum, row) => sum + row.parameters, 0);
  const cells = [
    ["layer", "kind", "output", "parameters"],
    ...rows.map((row) => [row.path, row.kind, showShape(row.outputShape), String(row.parameters)]),
    ["total", "", "", String(total)],
  ];
  const widths = [0, 1, 2, 3].map((i) => Math.max(...cells.map((row) => row[i]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, i) => (i === 3 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
        .join("  "),
    )
    .join("\n");
}

function summarize(layer: Layer, params: unknown, inputShape: Shape, path: string): LayerSummary[] {
  if (!isSequential(layer)) {
    const outputShape = layer.outputShape(inputShape);
    const leaves = treeLeaves<unknown, Tensor>(params);
    const parameters = leaves.reduce((sum, leaf) => sum + leaf.size, 0);
    return [{ path, kind: layer.kind, inputShape, outputShape, parameters }];
  }
  let shape = inputShape;
  return Object.entries(layer.layers).flatMap(([name, child]) =>
    atPath(name, child.kind, () => {
      const own = (params as Readonly<Record<string, unknown>>)[name];
      const rows = summarize(child, own, shape, path === "" ? name : `${path}.${name}`);
      shape = child.outputShape(shape);
      return rows;
    }),
  );
}

function isSequential(layer: Layer): layer is Sequential {
  return layer.kind === "sequential" && "layers" in layer;
}
