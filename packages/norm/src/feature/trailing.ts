import type { Shape } from "@layerwise/layers";
import { LayerError, showShape } from "@layerwise/layers";
import type { Tensor } from "@tensorflow/tfjs-core";

/** The last axes of a shape without batch axis; throws where there are fewer or one is empty. */
export function trailing(kind: string, inputShape: Shape, count: number): Shape {
  const shape = inputShape.slice(-count);
  if (shape.length === count && shape.every((size) => size > 0)) return shape;
  const wanted = `[..., ${count === 1 ? "features" : `${count} axes`}]`;
  throw new LayerError(kind, `expected input shape ${wanted}, got ${showShape(inputShape)}`);
}

/** Their numbers in a tensor of a rank. */
export function trailingAxes(rank: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => rank - count + i);
}

/** Throws unless a batch ends in the shape of the parameters that there are. */
export function checkLast(
  kind: string,
  x: Tensor,
  count: number,
  params: readonly (Tensor | null)[],
): void {
  const got = x.shape.slice(1).slice(-count);
  const wanted = params.find((param) => param !== null)?.shape;
  const show = (shape: Shape): string => (count === 1 ? `${shape[0]}` : showShape(shape));
  const axes = count === 1 ? "last axis" : "last axes";
  if (got.length < count) {
    const least = `at least ${count + 1} axes, batch included`;
    throw new LayerError(kind, `expected ${least}, got input ${showShape(x.shape)}`);
  }
  if (wanted === undefined || showShape(wanted) === showShape(got)) return;
  const detail = `expected ${axes} ${show(wanted)}, got ${show(got)}`;
  throw new LayerError(kind, `${detail} (input ${showShape(x.shape)})`);
}
