import { treeTidy } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Layer, Shape } from "../core/layer.ts";
import { LayerError, showShape } from "../core/layer-error.ts";

/**
 * Makes one axis of all but the batch: [batch, ...] → [batch, size].
 *
 * The last axis runs fastest: an image is unrolled row by row, the channels of each pixel side by
 * side. (In PyTorch, where channels come first, it is channel by channel: permute before.)
 *
 * @example
 * ```ts
 * import { flatten } from "@layerwise/layers";
 *
 * if (flatten().outputShape([28, 28, 3]).join() !== "2352") throw new Error("shape");
 * ```
 */
export function flatten(): Layer<null, null> {
  return moving("flatten", (inputShape) => [sizeOf(inputShape)], toShape);
}

/**
 * Gives the axes behind the batch another shape; one size may be −1 and is found from the others.
 *
 * @example
 * ```ts
 * import { reshape } from "@layerwise/layers";
 *
 * const layer = reshape([7, -1]);
 * if (layer.outputShape([49]).join() !== "7,7") throw new Error("shape");
 * ```
 */
export function reshape(shape: Shape): Layer<null, null> {
  const free = shape.filter((n) => n === -1).length;
  if (free > 1 || !shape.every((n) => n === -1 || (Number.isInteger(n) && n >= 1))) {
    const wanted = "expected a shape of positive whole numbers and at most one -1";
    throw new LayerError("reshape", `${wanted}, got ${showShape(shape)}`);
  }
  const known = sizeOf(shape.filter((n) => n !== -1));
  const fill = (inputShape: Shape): Shape => {
    const rest = sizeOf(inputShape) / known;
    if (free === 0 ? rest === 1 : Number.isInteger(rest)) {
      return shape.map((n) => (n === -1 ? rest : n));
    }
    const wanted = `expected an input shape that fits ${showShape(shape)}`;
    throw new LayerError("reshape", `${wanted}, got ${showShape(inputShape)}`);
  };
  return moving("reshape", fill, toShape);
}

/**
 * Puts the axes behind the batch into another order: axis i of the output is axis `order[i]` of the
 * input, counted from 0 without the batch.
 *
 * Keras's Permute counts from 1; PyTorch's counts the batch as 0.
 *
 * @example
 * ```ts
 * import { permute } from "@layerwise/layers";
 *
 * const channelsLastToFirst = permute([2, 0, 1]);
 * if (channelsLastToFirst.outputShape([28, 30, 3]).join() !== "3,28,30") throw new Error("shape");
 * ```
 */
export function permute(order: Shape): Layer<null, null> {
  const sorted = [...order].sort((a, b) => a - b);
  if (order.length === 0 || !sorted.every((axis, i) => axis === i)) {
    const wanted = "expected every axis from 0 up, once";
    throw new LayerError("permute", `${wanted}, got ${showShape(order)}`);
  }
  const shapeOf = (inputShape: Shape): Shape => {
    if (inputShape.length === order.length) return order.map((axis) => inputShape[axis] ?? 0);
    const wanted = `expected an input shape of ${order.length} axes`;
    throw new LayerError("permute", `${wanted}, got ${showShape(inputShape)}`);
  };
  return moving("permute", shapeOf, (x) => tf.transpose(x, [0, ...order.map((axis) => axis + 1)]));
}

/** A layer that moves elements about: the shape it makes and how. */
export function moving(
  kind: string,
  outputShape: (inputShape: Shape) => Shape,
  move: (x: Tensor, target: number[]) => Tensor,
): Layer<null, null> {
  return Object.freeze({
    kind,
    init: () => ({ params: null, state: null }),
    apply: ({ state }, x) =>
      treeTidy(() => {
        if (x.rank < 1) throw new LayerError(kind, "expected input [batch, ...], got []");
        const target = outputShape(x.shape.slice(1));
        return { y: move(x, [x.shape[0] ?? 0, ...target]), state };
      }),
    outputShape,
  } satisfies Layer<null, null>);
}

function toShape(x: Tensor, target: number[]): Tensor {
  return tf.reshape(x, target);
}

function sizeOf(shape: Shape): number {
  return shape.reduce((a, b) => a * b, 1);
}
