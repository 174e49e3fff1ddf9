import { slice_util, type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { LayerwiseCPU } from "./backend.ts";
import { NOWHERE } from "./entry.ts";
import { type Elements, type ValueType, viewAt } from "./value-type.ts";

// More pieces than this are faster to copy in a graph, even one that has to be prepared.
const MOST_PIECES = 1024;

/**
 * Copies a slice of a computed tensor at once, undefined where its operand is not computed or its elements lie
 * in too many pieces. Batches are slices at another place each: recorded, each would be a graph of its own.
 */
export const copySlice = (
  backend: LayerwiseCPU,
  x: TensorInfo,
  type: ValueType,
  attrs: Readonly<Record<string, unknown>>,
): TensorInfo | undefined => {
  const entry = backend.entryOf(x.dataId);
  if (entry.pending) return undefined;
  const { begin, size } = attrs as { begin: number | number[]; size?: number | number[] };
  const [from = [], sizes = []] = slice_util.parseSliceParams(x, begin, size);
  slice_util.assertParamsValid(x, from, sizes);
  const { engine, types } = backend.device;
  const result = types.of(type.dtype, sizes);
  const places = piecesOf(type.shape, from, sizes);
  if (places === undefined || result.size === 0) return undefined;
  const copy = (target: Elements, source: Elements): void => {
    const length = result.size / places.length;
    places.forEach((place, i) => {
      target.set(source.subarray(place, place + length), i * length);
    });
  };
  if (entry.address === NOWHERE) {
    const target = viewAt(new ArrayBuffer(result.bytes), 0, result.dtype, result.size);
    copy(target, entry.given as Elements);
    return backend.makeTensorInfo(sizes, result.dtype, target);
  }
  const address = engine.allocate(result.bytes);
  const { buffer } = engine.memory;
  copy(
    viewAt(buffer, address, result.dtype, result.size),
    viewAt(buffer, entry.address, type.dtype, type.size),
  );
  return backend.adopt(result, address);
};

/** Where the pieces of equal length start that a slice consists of. */
const piecesOf = (
  shape: readonly number[],
  from: readonly number[],
  sizes: readonly number[],
): number[] | undefined => {
  // The innermost axis that is cut, and all within it, lie in one piece.
  let axis = shape.length - 1;
  while (axis > 0 && sizes[axis] === shape[axis]) axis--;
  const strides = [...util.computeStrides([...shape]), 1];
  const start = from.reduce((sum, at, i) => sum + at * strides[i]!, 0);
  let places = [start];
  for (let outer = axis - 1; outer >= 0; outer--) {
    const [count, stride] = [sizes[outer]!, strides[outer]!];
    if (places.length * count > MOST_PIECES) return undefined;
    const inner = places;
    places = Array.from({ length: count }, (_, i) => inner.map((at) => at + i * stride)).flat();
  }
  return places;
};
