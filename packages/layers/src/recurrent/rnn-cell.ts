import { treeTidy } from "@layerwise/autodiff";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { add, matMul, relu, tanh, zeros } from "@tensorflow/tfjs-core";
import { LayerError } from "../core/layer-error.ts";
import { checkUnits } from "../linear/affine.ts";
import { type Cell, type CellOptions, type CellParams, initCell, projectInput } from "./cell.ts";

/** Options of {@link rnnCell}. */
export interface RnnCellOptions extends CellOptions {
  /** Default "tanh". */
  readonly activation?: "tanh" | "relu" | undefined;
}

/**
 * The simple recurrent cell: h′ = tanh(x W + h U + b), or with the rectifier in place of tanh.
 *
 * `kernel` W [inputs, units], `recurrentKernel` U [units, units], `bias` [units]. PyTorch has two
 * biases, whose sum is ours, and the transposed kernels.
 *
 * Reference: Elman, 1990, https://doi.org/10.1207/s15516709cog1402_1.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { recurrent, rnnCell } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = recurrent(rnnCell({ units: 4, activation: "relu" }));
 * const { y } = layer.apply(layer.init(random.key(0), [7, 3]), tf.ones([2, 7, 3]));
 * if (y.shape.join() !== "2,4") throw new Error(String(y.shape));
 * ```
 */
export function rnnCell(options: RnnCellOptions): Cell<CellParams, Tensor2D> {
  const kind = "rnnCell";
  const { units, activation = "tanh" } = options;
  checkUnits(kind, units);
  if (activation !== "tanh" && activation !== "relu") {
    throw new LayerError(kind, `expected activation tanh or relu, got ${activation}`);
  }
  const squash = activation === "tanh" ? tanh : relu;
  return Object.freeze({
    kind,
    units,
    init: (key, inputs) => treeTidy(() => initCell(key, inputs, 1, options)),
    start: (batch) => zeros([batch, units]) as Tensor2D,
    inputsOf: ({ kernel }) => kernel.shape[0],
    project: projectInput,
    step: ({ recurrentKernel }, h, projected) =>
      treeTidy(() => squash(add(projected, matMul(h, recurrentKernel))) as Tensor2D),
    output: (h) => h,
  } satisfies Cell<CellParams, Tensor2D>);
}
