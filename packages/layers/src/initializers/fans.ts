import type { Tensor } from "@tensorflow/tfjs-core";
import type { Shape } from "../core/layer.ts";

/** The number of inputs that reach one unit and of outputs that one input reaches. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/**
 * Makes a parameter from a random key and its shape.
 *
 * Layers pass the fans of their kernel, which a bias's own shape does not tell. The same key and
 * shape give the same tensor on every backend, as far as arithmetic after the draw agrees.
 */
export type Initializer = (key: Tensor, shape: Shape, fans?: Fans) => Tensor;

/** The order of a kernel's axes: height, width (any number of them), inputs, outputs. */
export type KernelLayout = "HWIO" | "HWOI" | "OIHW" | "IOHW";

/**
 * Returns the fans of a kernel: the receptive field times its inputs, and times its outputs.
 *
 * `"HWIO"` (default) has inputs and outputs last, as tfjs, Keras and JAX: [inputs, outputs] for a
 * dense layer; `"OIHW"` has them first, as PyTorch. `"HWOI"` and `"IOHW"` are the kernels of their
 * transposed convolutions. For one axis or none, its size counts as both, as in Keras. For grouped
 * convolutions each group is a kernel of its own.
 *
 * @example
 * ```ts
 * import { fansOf } from "@layerwise/layers";
 *
 * const { fanIn, fanOut } = fansOf([3, 3, 4, 8]);
 * if (fanIn !== 36 || fanOut !== 72) throw new Error(`${fanIn} ${fanOut}`);
 * if (fansOf([8, 4, 3, 3], "OIHW").fanIn !== 36) throw new Error("PyTorch's layout");
 * ```
 */
export function fansOf(shape: Shape, layout: KernelLayout = "HWIO"): Fans {
  const size = shape.reduce((a, b) => a * b, 1);
  if (shape.length < 2) return { fanIn: size, fanOut: size };
  const [first, second] = layout.endsWith("HW") ? [0, 1] : [-2, -1];
  const [a, b] = [shape.at(first) ?? 1, shape.at(second) ?? 1];
  const [inputs, outputs] = layout === "HWIO" || layout === "IOHW" ? [a, b] : [b, a];
  const field = inputs * outputs === 0 ? 0 : size / (inputs * outputs);
  return { fanIn: field * inputs, fanOut: field * outputs };
}
