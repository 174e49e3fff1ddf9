import { constant, scan } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  div,
  eye,
  matMul,
  maximum,
  mul,
  reshape,
  sqrt,
  square,
  sub,
  sum,
  tidy,
  transpose,
  zerosLike,
} from "@tensorflow/tfjs-core";

/**
 * The factor Q of a QR decomposition whose R has a positive diagonal, by Gram–Schmidt with a second
 * pass: orthonormal to rounding as long as the matrix is not singular to working precision.
 *
 * One loop over the columns, each of two matrix–vector products, so that it compiles to one operation.
 * Reference: Giraud et al., 2005, https://doi.org/10.1007/s00211-005-0615-4.
 */
export function orthonormalColumns(matrix: Tensor): Tensor {
  const size = matrix.shape[0] ?? 1;
  return tidy(() => {
    const { carry } = scan(
      (q: Tensor, { column, unit }: { readonly column: Tensor; readonly unit: Tensor }) => {
        const project = (x: Tensor): Tensor => sub(x, matMul(q, matMul(q, x, true, false)));
        const rest = project(project(reshape(column, [size, 1])));
        const norm = maximum(sqrt(sum(square(rest))), constant(1e-30));
        return { carry: add(q, mul(div(rest, norm), reshape(unit, [1, size]))), y: null };
      },
      zerosLike(matrix),
      { column: transpose(matrix), unit: eye(size) as Tensor },
    );
    return carry;
  });
}
