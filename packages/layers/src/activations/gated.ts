import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Shape } from "../core/layer.ts";
import { LayerError, showShape } from "../core/layer-error.ts";
import { gelu } from "./gelus.ts";
import { silu } from "./swishes.ts";
import type { ActivationFunction } from "./types.ts";

/**
 * The gated linear unit: a ⊙ σ(b), where a and b are the halves of the last axis.
 *
 * [..., 2 n] → [..., n]. As in PyTorch and JAX the second half is the gate. Reference: Dauphin et
 * al., 2017, https://arxiv.org/abs/1612.08083.
 *
 * @example
 * ```ts
 * import { glu } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const y = glu(tf.tensor2d([[2, 6, 0, 1000]]));
 * if (y.dataSync().join() !== "1,6") throw new Error(String(y));
 * ```
 */
export function glu(x: Tensor): Tensor {
  return gated("glu", x, tf.sigmoid);
}

/**
 * The {@link glu} with a Gaussian error gate: a ⊙ gelu(b).
 *
 * [..., 2 n] → [..., n]. The second half is the gate; code after Shazeer's formula, gelu(x W) ⊙ (x V),
 * often has it first. Reference: Shazeer, 2020, https://arxiv.org/abs/2002.05202.
 *
 * @example
 * ```ts
 * import { geglu } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const y = geglu(tf.tensor2d([[2, 6, 0, 10]]));
 * if (y.dataSync().join() !== "0,60") throw new Error(String(y));
 * ```
 */
export function geglu(x: Tensor): Tensor {
  return gated("geglu", x, gelu);
}

/**
 * The {@link glu} with a swish gate: a ⊙ silu(b).
 *
 * [..., 2 n] → [..., n]. The second half is the gate. Reference: Shazeer, 2020,
 * https://arxiv.org/abs/2002.05202.
 *
 * @example
 * ```ts
 * import { swiglu } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const y = swiglu(tf.tensor2d([[2, 6, 0, 100]]));
 * if (y.dataSync().join() !== "0,600") throw new Error(String(y));
 * ```
 */
export function swiglu(x: Tensor): Tensor {
  return gated("swiglu", x, silu);
}

/**
 * The {@link glu} with a rectified gate: a ⊙ relu(b).
 *
 * [..., 2 n] → [..., n]. The second half is the gate. Reference: Shazeer, 2020,
 * https://arxiv.org/abs/2002.05202.
 *
 * @example
 * ```ts
 * import { reglu } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const y = reglu(tf.tensor2d([[2, 6, -1, 10]]));
 * if (y.dataSync().join() !== "0,60") throw new Error(String(y));
 * ```
 */
export function reglu(x: Tensor): Tensor {
  return gated("reglu", x, tf.relu);
}

/** The shape after a gated unit: the last axis halved. */
export function gatedShape(kind: string, shape: Shape): Shape {
  const last = shape.at(-1) ?? 0;
  if (last > 0 && last % 2 === 0) return [...shape.slice(0, -1), last / 2];
  const got = `${shape.at(-1) ?? "none"} (input ${showShape(shape)})`;
  throw new LayerError(kind, `expected an even last axis, got ${got}`);
}

function gated(kind: string, x: Tensor, gate: ActivationFunction): Tensor {
  gatedShape(kind, x.shape);
  return tf.tidy(() => {
    const [value, argument] = tf.split(x, 2, -1) as [Tensor, Tensor];
    return tf.mul(value, gate(argument));
  });
}
