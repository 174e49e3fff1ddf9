import { treeTidy } from "@layerwise/autodiff";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { add, matMul, mul, sigmoid, split, tanh, zeros } from "@tensorflow/tfjs-core";
import { forgetBias } from "../initializers/index.ts";
import { checkUnits } from "../linear/affine.ts";
import { type Cell, type CellOptions, type CellParams, initCell, projectInput } from "./cell.ts";

/** What an {@link lstmCell} hands on: its output h and its memory c, both [batch, units]. */
export type LstmCarry = { readonly h: Tensor2D; readonly c: Tensor2D };

/**
 * Long short-term memory with a forget gate.
 *
 * (i, f, g, o) = x W + h U + b; c′ = σ(f) c + σ(i) tanh(g); h′ = σ(o) tanh(c′).
 *
 * `kernel` W [inputs, 4 units], `recurrentKernel` U [units, 4 units], `bias` [4 units], the gates side
 * by side: input, forget, candidate, output, the order of PyTorch and Keras. PyTorch has two biases,
 * whose sum is ours, and the transposed kernels. The forget gate's bias starts at 1, as in Keras
 * (Jozefowicz et al., 2015), so that memory lasts at first: `biasInit`. PyTorch draws it like the rest.
 *
 * Reference: Hochreiter and Schmidhuber, 1997, https://doi.org/10.1162/neco.1997.9.8.1735; Gers et
 * al., 2000 (the forget gate), https://doi.org/10.1162/089976600300015015.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { lstmCell, recurrent } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = recurrent(lstmCell({ units: 4 }), { returnSequences: true });
 * const { y } = layer.apply(layer.init(random.key(0), [7, 3]), tf.ones([2, 7, 3]));
 * if (y.shape.join() !== "2,7,4") throw new Error(String(y.shape));
 * ```
 */
export function lstmCell(options: CellOptions): Cell<CellParams, LstmCarry> {
  const kind = "lstmCell";
  const { units, biasInit = forgetBias() } = options;
  checkUnits(kind, units);
  return Object.freeze({
    kind,
    units,
    init: (key, inputs) => treeTidy(() => initCell(key, inputs, 4, { ...options, biasInit })),
    start: (batch) => ({
      h: zeros([batch, units]) as Tensor2D,
      c: zeros([batch, units]) as Tensor2D,
    }),
    inputsOf: ({ kernel }) => kernel.shape[0],
    project: projectInput,
    step: ({ recurrentKernel }, { h, c }, projected) =>
      treeTidy(() => {
        const gates = add(projected, matMul(h, recurrentKernel));
        const [i, f, g, o] = split(gates, 4, -1) as [Tensor, Tensor, Tensor, Tensor];
        const next = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g))) as Tensor2D;
        return { h: mul(sigmoid(o), tanh(next)) as Tensor2D, c: next };
      }),
    output: ({ h }) => h,
  } satisfies Cell<CellParams, LstmCarry>);
}
