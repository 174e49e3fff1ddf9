import type { Tensor } from "@tensorflow/tfjs-core";
import { matMul, reshape, tidy, transpose } from "@tensorflow/tfjs-core";

/** The axis first, the others in order. */
const axisFirst = (rank: number, axis: number): readonly number[] => [
  axis,
  ...Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis),
];

/** A tensor as a matrix with one row for each index along an axis. */
export function unfolded(x: Tensor, axis: number): Tensor {
  return tidy(() => reshape(transpose(x, [...axisFirst(x.rank, axis)]), [x.shape[axis] ?? 1, -1]));
}

/** Multiplies every fibre along an axis by a matrix (or its transpose). */
export function multiplyAlong(
  x: Tensor,
  axis: number,
  matrix: Tensor,
  transposed: boolean = false,
): Tensor {
  return tidy(() => {
    const order = axisFirst(x.rank, axis);
    const product = matMul(matrix, unfolded(x, axis), transposed, false);
    const shape = order.map((i) => x.shape[i] ?? 1);
    return transpose(
      reshape(product, shape),
      order.map((_, i) => order.indexOf(i)),
    );
  });
}

/** The matrix of inner products of all slices along an axis: X Xᵀ for the unfolding X. */
export function gramAlong(x: Tensor, axis: number): Tensor {
  return tidy(() => {
    const rows = unfolded(x, axis);
    return matMul(rows, rows, false, true);
  });
}

/** The shape that lets a vector along an axis broadcast against a tensor. */
export function shapeAlong(x: Tensor, axis: number): number[] {
  return x.shape.map((size, i) => (i === axis ? size : 1));
}
