import { constant as exact, random, scan } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import {
  add,
  concat,
  div,
  eye,
  matMul,
  mul,
  norm,
  pad,
  reshape,
  slice,
  sub,
  tidy,
  transpose,
  zeros,
} from "@tensorflow/tfjs-core";
import type { Shape } from "../core/layer.ts";
import { LayerError, showShape } from "../core/layer-error.ts";
import type { Initializer } from "./fans.ts";

/** Options of {@link orthogonal} and {@link deltaOrthogonal}. */
export interface OrthogonalOptions {
  /** The factor on the matrix: every singular value. Default 1. */
  readonly gain?: number | undefined;
}

/**
 * Makes an initializer that draws orthogonal matrices, uniformly: W Wᵀ or Wᵀ W is gain² times the
 * identity, whichever is smaller.
 *
 * The Q of a Gaussian matrix's QR decomposition with a positive diagonal of R. A kernel of more axes
 * is a matrix [all others, last], as in Keras and JAX; PyTorch takes [first, all others] of its
 * transposed layout, which is the same. Made by Gram–Schmidt, twice, in blocks: 4 m² n operations for
 * m columns of n values, some seconds for 512 × 512 on the plain JavaScript backend, else a moment.
 * Backends agree up to the rounding of matrix products.
 *
 * Reference: Saxe, McClelland and Ganguli, 2013, https://arxiv.org/abs/1312.6120.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { orthogonal } from "@layerwise/layers";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const q = orthogonal()(random.key(0), [8, 3]) as tf.Tensor2D;
 * const off = tf.max(tf.abs(tf.sub(tf.matMul(q, q, true, false), tf.eye(3)))).dataSync()[0] ?? 1;
 * if (off > 1e-5) throw new Error(String(off));
 * ```
 */
export function orthogonal({ gain = 1 }: OrthogonalOptions = {}): Initializer {
  return (key, shape) =>
    tidy(() => {
      const columns = shape.at(-1) ?? 0;
      const rows = shape.slice(0, -1).reduce((a, b) => a * b, 1);
      if (shape.length < 2 || rows * columns === 0) {
        const got = showShape(shape);
        throw new LayerError("orthogonal", `expected a shape [..., rows, columns], got ${got}`);
      }
      return reshape(mul(orthonormal(key, rows, columns), exact(gain)), [...shape]);
    });
}

/**
 * Makes an initializer of convolution kernels that keep the norm: an orthogonal matrix at the centre
 * of the receptive field, zeros around it.
 *
 * Shape [...field, inputs, outputs] with inputs ≤ outputs; the centre is index ⌊(size − 1) / 2⌋ of each
 * axis, as in JAX.
 *
 * Reference: Xiao et al., 2018, https://arxiv.org/abs/1806.05393.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { deltaOrthogonal } from "@layerwise/layers";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const kernel = deltaOrthogonal()(random.key(0), [3, 3, 4, 8]);
 * if (kernel.dataSync().filter((v) => v !== 0).length !== 4 * 8) throw new Error(String(kernel));
 * ```
 */
export function deltaOrthogonal({ gain = 1 }: OrthogonalOptions = {}): Initializer {
  return (key, shape) =>
    tidy(() => {
      const [inputs = 0, outputs = 0] = shape.slice(-2);
      if (shape.length < 3 || inputs * outputs === 0 || inputs > outputs) {
        throw new LayerError(
          "deltaOrthogonal",
          `expected a shape [...field, inputs, outputs], inputs <= outputs, got ${showShape(shape)}`,
        );
      }
      const matrix = mul(orthonormal(key, inputs, outputs), exact(gain));
      return atCentre(matrix, shape, (size) => (size - 1) >> 1);
    });
}

/** A kernel with a matrix [inputs, outputs] at one place of its field and zeros elsewhere. */
export function atCentre(matrix: Tensor, shape: Shape, centreOf: (size: number) => number): Tensor {
  const field = shape.slice(0, -2);
  const around = field.map((size) => [centreOf(size), size - 1 - centreOf(size)] as const);
  const placed = reshape(matrix, [...field.map(() => 1), ...matrix.shape]);
  return pad(placed, [...around, [0, 0], [0, 0]] as [number, number][]);
}

/** A matrix with orthonormal columns, or rows where there are fewer of them. */
function orthonormal(key: Tensor, rows: number, columns: number): Tensor {
  if (rows < columns) return transpose(orthonormal(key, columns, rows));
  // Vectors are rows here: their values lie together in memory.
  const gaussian = transpose(random.normal(key, [rows, columns]));
  // Once leaves a remainder of the rounding times the condition number; twice is enough (Kahan).
  return transpose(gramSchmidt(gramSchmidt(gaussian)));
}

// As few vectors as this are made orthogonal one after the other.
const block = 32;

/** Orthonormal rows with the same spans: row i is a combination of the first i, the last positive. */
function gramSchmidt(vectors: Tensor): Tensor {
  const [count = 0, length = 0] = vectors.shape;
  if (count <= block) return oneByOne(vectors, count, length);
  // Halves: almost all of the work is in products of large matrices, for which backends are fast.
  const half = count >> 1;
  const first = gramSchmidt(slice(vectors, [0, 0], [half, length]));
  const rest = slice(vectors, [half, 0], [count - half, length]);
  const along = matMul(matMul(rest, first, false, true), first);
  return concat([first, gramSchmidt(sub(rest, along))]);
}

function oneByOne(vectors: Tensor, count: number, length: number): Tensor {
  const places = eye(count);
  const step = (
    found: Tensor,
    { vector, place }: { readonly vector: Tensor; readonly place: Tensor },
  ): { carry: Tensor; y: null } => {
    const row = reshape(vector, [1, length]);
    const off = sub(row, matMul(matMul(row, found, false, true), found));
    const unit = div(off, norm(off));
    return { carry: add(found, matMul(reshape(place, [count, 1]), unit)), y: null };
  };
  return scan(step, zeros([count, length]) as Tensor, { vector: vectors, place: places }).carry;
}
