import { random, treeTidy } from "@layerwise/autodiff";
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { add, matMul, mul, sigmoid, slice, split, sub, tanh, zeros } from "@tensorflow/tfjs-core";
import { LayerError } from "../core/layer-error.ts";
import { zeros as zerosInit } from "../initializers/index.ts";
import { checkUnits } from "../linear/affine.ts";
import { type Cell, type CellOptions, type CellParams, initCell, projectInput } from "./cell.ts";

/** Options of {@link gruCell}. */
export interface GruCellOptions extends CellOptions {
  /**
   * Whether the reset gate acts on h after the product with U or before it. Default "after", as in
   * PyTorch, Keras and cuDNN; "before" is the paper, Keras's `reset_after: false` and tfjs.
   */
  readonly reset?: "after" | "before" | undefined;
}

/** The parameters of a {@link gruCell}; `recurrentBias` [units] with reset "after" only. */
export type GruParams = CellParams & { readonly recurrentBias: Tensor1D | null };

/**
 * The gated recurrent unit.
 *
 * r = σ(x Wᵣ + h Uᵣ + bᵣ); z = σ(x W_z + h U_z + b_z); h′ = (1 − z) n + z h, with
 *
 * - reset "after": n = tanh(x Wₙ + bₙ + r (h Uₙ + recurrentBias)),
 * - reset "before": n = tanh(x Wₙ + bₙ + (r h) Uₙ).
 *
 * `kernel` W [inputs, 3 units], `recurrentKernel` U [units, 3 units], `bias` [3 units], the gates side by
 * side: reset, update, candidate, as in PyTorch (Keras: update, reset, candidate). PyTorch's and
 * Keras's second bias adds to the first for r and z and is `recurrentBias` for n. In the paper z and
 * 1 − z are exchanged.
 *
 * Reference: Cho et al., 2014, https://arxiv.org/abs/1406.1078.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { gruCell, recurrent } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = recurrent(gruCell({ units: 4, reset: "before" }));
 * const { y } = layer.apply(layer.init(random.key(0), [7, 3]), tf.ones([2, 7, 3]));
 * if (y.shape.join() !== "2,4") throw new Error(String(y.shape));
 * ```
 */
export function gruCell(options: GruCellOptions): Cell<GruParams, Tensor2D> {
  const kind = "gruCell";
  const { units, useBias = true, biasInit = zerosInit, reset = "after" } = options;
  checkUnits(kind, units);
  if (reset !== "after" && reset !== "before") {
    throw new LayerError(kind, `expected reset after or before, got ${reset}`);
  }
  return Object.freeze({
    kind,
    units,
    init: (key, inputs) =>
      treeTidy(() => {
        const [own, biasKey] = random.split(key) as [Tensor, Tensor];
        const second = useBias && reset === "after";
        const fans = { fanIn: units, fanOut: units };
        const recurrentBias = second ? (biasInit(biasKey, [units], fans) as Tensor1D) : null;
        return { ...initCell(own, inputs, 3, options), recurrentBias };
      }),
    start: (batch) => zeros([batch, units]) as Tensor2D,
    inputsOf: ({ kernel }) => kernel.shape[0],
    project: projectInput,
    step: ({ recurrentKernel, recurrentBias }, h, projected) =>
      treeTidy(() => {
        const [xr, xz, xn] = split(projected, 3, -1) as [Tensor, Tensor, Tensor];
        const mix = (z: Tensor, n: Tensor): Tensor2D => add(n, mul(z, sub(h, n))) as Tensor2D;
        if (reset === "before") {
          const gates = slice(recurrentKernel, [0, 0], [units, 2 * units]);
          const [hr, hz] = split(matMul(h, gates), 2, -1) as [Tensor, Tensor];
          const candidate = slice(recurrentKernel, [0, 2 * units], [units, units]);
          const kept = mul(sigmoid(add(xr, hr)), h);
          return mix(sigmoid(add(xz, hz)), tanh(add(xn, matMul(kept, candidate))));
        }
        const product = matMul(h, recurrentKernel);
        const [hr, hz, hn] = split(product, 3, -1) as [Tensor, Tensor, Tensor];
        const recalled = recurrentBias === null ? hn : add(hn, recurrentBias);
        return mix(sigmoid(add(xz, hz)), tanh(add(xn, mul(sigmoid(add(xr, hr)), recalled))));
      }),
    output: (h) => h,
  } satisfies Cell<GruParams, Tensor2D>);
}
