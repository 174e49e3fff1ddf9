import { evaluateGraph, type HostTensor, hostTensor } from "../../src/host/index.ts";
import { at, isFloat, sizeOf } from "../../src/ir/shape.ts";
import type { Graph, TensorType } from "../../src/ir/types.ts";
import { generator } from "./random.ts";

const isSmooth = ({ type }: { readonly type: TensorType }): boolean => isFloat(type.dtype);

/** Numbers in [−1, 1), one tensor per float among `values`: a direction or cotangents. */
export const randomDirection = (
  values: readonly { readonly type: TensorType }[],
  seed: number | string,
): HostTensor[] => {
  const random = generator(seed);
  return values.filter(isSmooth).map(({ type }) =>
    hostTensor(
      type,
      Array.from({ length: sizeOf(type.shape) }, () => 2 * random() - 1),
    ),
  );
};

/** x + step·direction; operands that are not floats stay where they are. */
const move = (
  point: readonly HostTensor[],
  direction: readonly HostTensor[],
  step: number,
): HostTensor[] => {
  let next = 0;
  return point.map((x) => {
    if (!isSmooth(x)) return x;
    const { data } = at(direction, next++);
    return { type: x.type, data: Float64Array.from(x.data, (v, i) => v + step * data[i]!) };
  });
};

/**
 * Derivative of a graph's float outputs along a direction (one tensor per float input), by central
 * differences D(h) = (f(x + hv) − f(x − hv)) / 2h and Richardson's (4 D(h/2) − D(h)) / 3. The
 * error is about h⁴ f⁽⁵⁾/480 + 1e-15/h: near 1e-12 where derivatives are near 1.
 */
export const numericalJvp = (
  graph: Graph,
  point: readonly HostTensor[],
  direction: readonly HostTensor[],
  h = 2e-3,
): HostTensor[] => {
  const difference = (step: number) => {
    const high = evaluateGraph(graph, move(point, direction, step)).filter(isSmooth);
    const low = evaluateGraph(graph, move(point, direction, -step)).filter(isSmooth);
    return high.map(({ data }, n) =>
      Float64Array.from(data, (v, i) => (v - at(low, n).data[i]!) / (2 * step)),
    );
  };
  const [coarse, fine] = [difference(h), difference(h / 2)];
  return graph.outputs.filter(isSmooth).map(({ type }, n) => ({
    type,
    data: at(fine, n).map((v, i) => (4 * v - at(coarse, n)[i]!) / 3),
  }));
};

/** ⟨x, y⟩ over all elements of two lists of tensors. */
export const innerProduct = (xs: readonly HostTensor[], ys: readonly HostTensor[]): number => {
  let sum = 0;
  xs.forEach(({ data }, n) => {
    const other = at(ys, n).data;
    for (let i = 0; i < data.length; i++) sum += data[i]! * other[i]!;
  });
  return sum;
};

/**
 * Cotangents of a graph's float inputs, one column of the Jacobian at a time: for graphs with few
 * inputs.
 */
export const numericalVjp = (
  graph: Graph,
  point: readonly HostTensor[],
  cotangents: readonly HostTensor[],
  h = 2e-3,
): HostTensor[] => {
  const inputs = point.filter(isSmooth);
  const zero = () => inputs.map(({ type }) => hostTensor(type, [0]));
  return inputs.map(({ type, data }, n) => ({
    type,
    data: Float64Array.from(data, (_, i) => {
      const unit = zero();
      at(unit, n).data[i] = 1;
      return innerProduct(numericalJvp(graph, point, unit, h), cotangents);
    }),
  }));
};

/** Largest difference of two lists of tensors, relative to the larger of 1 and the second list. */
export const largestError = (
  actual: readonly HostTensor[],
  wanted: readonly HostTensor[],
): number => {
  if (actual.length !== wanted.length) return Number.POSITIVE_INFINITY;
  let [error, scale] = [0, 1];
  wanted.forEach(({ data }, n) => {
    const other = at(actual, n).data;
    if (other.length !== data.length) error = Number.POSITIVE_INFINITY;
    data.forEach((v, i) => {
      scale = Math.max(scale, Math.abs(v));
      // NaN must not pass for a small difference.
      const off = Math.abs(v - other[i]!);
      error = Math.max(error, Number.isNaN(off) ? Number.POSITIVE_INFINITY : off);
    });
  });
  return error / scale;
};
