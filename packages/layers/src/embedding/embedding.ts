import { treeTidy } from "@layerwise/autodiff";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { expandDims, gather, notEqual, where, zerosLike } from "@tensorflow/tfjs-core";
import type { Layer } from "../core/layer.ts";
import { LayerError } from "../core/layer-error.ts";
import { type Initializer, normal } from "../initializers/index.ts";
import { checkUnits } from "../linear/affine.ts";

/** Options of {@link embedding}. */
export interface EmbeddingOptions {
  /** The number of different inputs: they are 0 … vocabulary − 1. */
  readonly vocabulary: number;
  /** The size of the vectors. */
  readonly units: number;
  /** Default: standard normal. */
  readonly tableInit?: Initializer | undefined;
  /** An input whose vector is zero and is not trained. Default: none. */
  readonly paddingIndex?: number | undefined;
}

/** The parameters of {@link embedding}: `table` [vocabulary, units]. */
export type EmbeddingParams = { readonly table: Tensor2D };

/**
 * A trained vector for each of a number of symbols: y = table[x].
 *
 * Input int32 [batch, ...], output [batch, ..., units]. The gradient of the table is the sum of
 * those of each symbol's places. Numbers outside the table are not checked, as that would read
 * values: some backends throw, others clamp. PyTorch draws the table from N(0, 1), as here; Keras
 * from U(−0.05, 0.05).
 *
 * @example
 * ```ts
 * import { embedding } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const layer = embedding({ vocabulary: 3, units: 2 });
 * const table = tf.tensor2d([[0, 1], [2, 3], [4, 5]]);
 * const words = tf.tensor2d([[2, 0]], [1, 2], "int32");
 * const { y } = layer.apply({ params: { table }, state: null }, words);
 * if (y.dataSync().join() !== "4,5,0,1") throw new Error(String(y));
 * ```
 */
export function embedding({
  vocabulary,
  units,
  tableInit = normal({ stddev: 1 }),
  paddingIndex,
}: EmbeddingOptions): Layer<EmbeddingParams, null> {
  const kind = "embedding";
  checkUnits(kind, vocabulary, "symbols");
  checkUnits(kind, units);
  if (paddingIndex !== undefined && !(paddingIndex >= 0 && paddingIndex < vocabulary)) {
    const wanted = `expected paddingIndex in [0, ${vocabulary})`;
    throw new LayerError(kind, `${wanted}, got ${paddingIndex}`);
  }
  return Object.freeze({
    kind,
    init: (key) =>
      treeTidy(() => {
        const fans = { fanIn: vocabulary, fanOut: units };
        return {
          params: { table: tableInit(key, [vocabulary, units], fans) as Tensor2D },
          state: null,
        };
      }),
    apply: ({ params: { table }, state }, x) =>
      treeTidy(() => {
        if (x.dtype !== "int32" || x.rank < 1) {
          const got = `${x.dtype} [${x.shape.join(", ")}]`;
          throw new LayerError(kind, `expected int32 input [batch, ...], got ${got}`);
        }
        const rows: Tensor = gather(table, x);
        if (paddingIndex === undefined) return { y: rows, state };
        return {
          y: where(expandDims(notEqual(x, paddingIndex), -1), rows, zerosLike(rows)),
          state,
        };
      }),
    outputShape: (inputShape) => [...inputShape, units],
    cost: (inputShape) => ({ flops: 0, activations: inputShape.reduce((a, b) => a * b, units) }),
  } satisfies Layer<EmbeddingParams, null>);
}
