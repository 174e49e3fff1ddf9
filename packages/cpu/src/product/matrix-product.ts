import type { Allocator, Kernel } from "../kernel/kernel.ts";
import type { Matrix, MatrixProduct } from "./matrix.ts";
import { fusedKernel, packedKernels } from "./matrix-kernels.ts";
import { matrixVectorKernel } from "./matrix-vector-kernel.ts";

const neighbours = ({ row, column }: Matrix): boolean => row === 1 || column === 1;

/** Kernels of a matrix product. */
export const matrixKernels = (p: MatrixProduct, allocator: Allocator): readonly Kernel[] => {
  const { rows, depth, columns, lhs, rhs, out } = p;
  const turned = { ...rhs, row: rhs.column, column: rhs.row };
  // Of two vectors the one whose elements are neighbours takes the place of the matrix.
  if (columns === 1 && (out.row === 1 || rows === 1)) {
    const left = rows === 1 ? { ...lhs, row: lhs.column === 1 ? depth : 1 } : lhs;
    if (neighbours(left)) return [matrixVectorKernel(p, left, rhs, rhs.row, rows)];
  }
  if (rows === 1 && neighbours(turned)) {
    return [matrixVectorKernel(p, turned, lhs, lhs.column, columns)];
  }
  return fusedKernel(p) ?? packedKernels(p, allocator);
};
