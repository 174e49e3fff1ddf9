import type { KernelBackend, KernelFunc, TensorInfo } from "@tensorflow/tfjs-core";
import { peek, result } from "./memory.ts";

type Pair = readonly [number, number];

interface Attributes {
  readonly filterSize: Pair;
  readonly strides: Pair;
  readonly pad: readonly Pair[];
}

/**
 * `{dy, input}` of images [batch, height, width, features]: adds each element of dy at the first
 * maximum of its window. tfjs's wasm kernel finds no maximum below zero, its cpu kernel is slow.
 */
export const maxPoolGradient: KernelFunc = ({ inputs, attrs, backend }) => {
  const host = backend as KernelBackend;
  const { dy, input } = inputs as unknown as {
    readonly dy: TensorInfo;
    readonly input: TensorInfo;
  };
  const { filterSize, strides, pad } = attrs as unknown as Attributes;
  const [batch, height, width, features] = input.shape as [number, number, number, number];
  const [, rows, columns] = dy.shape as [number, number, number, number];
  const [top, left] = [pad[1]![0], pad[2]![0]];
  const [x, gradient] = [peek(host, input), peek(host, dy)];
  const out = new Float32Array(x.length);
  for (let b = 0; b < batch; b++) {
    for (let r = 0; r < rows; r++) {
      const y0 = r * strides[0] - top;
      const [yStart, yEnd] = [Math.max(0, y0), Math.min(height, y0 + filterSize[0])];
      for (let c = 0; c < columns; c++) {
        const x0 = c * strides[1] - left;
        const [xStart, xEnd] = [Math.max(0, x0), Math.min(width, x0 + filterSize[1])];
        if (yStart >= yEnd || xStart >= xEnd) continue;
        const from = ((b * rows + r) * columns + c) * features;
        for (let f = 0; f < features; f++) {
          let best = ((b * height + yStart) * width + xStart) * features + f;
          for (let i = yStart; i < yEnd; i++) {
            for (let j = xStart; j < xEnd; j++) {
              const at = ((b * height + i) * width + j) * features + f;
              // NaN counts as the largest; only the first one wins.
              if (x[at]! > x[best]! || (Number.isNaN(x[at]) && !Number.isNaN(x[best]))) best = at;
            }
          }
          out[best] = out[best]! + gradient[from + f]!;
        }
      }
    }
  }
  return result(host, out, input.shape, "float32");
};
