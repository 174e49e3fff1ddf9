/** Dense matrices in plain JavaScript numbers, for derivations that share nothing with the library. */
export type Matrix = readonly (readonly number[])[];

export const build = (
  rows: number,
  columns: number,
  entry: (i: number, j: number) => number,
): number[][] =>
  Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => entry(i, j)));

const at = (a: Matrix, i: number, j: number): number => a[i]?.[j] ?? Number.NaN;
const height = (a: Matrix): number => a.length;
const width = (a: Matrix): number => a[0]?.length ?? 0;

export const eye = (n: number, scale: number = 1): number[][] =>
  build(n, n, (i, j) => (i === j ? scale : 0));

export const transposed = (a: Matrix): number[][] =>
  build(width(a), height(a), (i, j) => at(a, j, i));

export const product = (a: Matrix, b: Matrix): number[][] =>
  build(height(a), width(b), (i, j) => {
    let sum = 0;
    for (let k = 0; k < height(b); k++) sum += at(a, i, k) * at(b, k, j);
    return sum;
  });

/** Combines matrices of one shape entry by entry. */
export const zip = (fn: (...entries: number[]) => number, a: Matrix, ...rest: Matrix[]) =>
  build(height(a), width(a), (i, j) => fn(at(a, i, j), ...rest.map((b) => at(b, i, j))));

export const frobenius = (a: Matrix): number => Math.hypot(...a.flat());

/** Eigenvalues and eigenvectors (columns) of a symmetric matrix, by Jacobi's rotations. */
export function eigen(a: Matrix): { readonly values: number[]; readonly vectors: number[][] } {
  const n = height(a);
  let m = zip((x) => x, a);
  let vectors = eye(n);
  for (let sweep = 0; sweep < 10; sweep++) {
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const angle = 0.5 * Math.atan2(2 * at(m, p, q), at(m, q, q) - at(m, p, p));
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        const rotation = eye(n).map((row, i) =>
          row.map((x, j) => {
            if (i === p && j === p) return c;
            if (i === q && j === q) return c;
            if (i === p && j === q) return s;
            return i === q && j === p ? -s : x;
          }),
        );
        m = product(transposed(rotation), product(m, rotation));
        vectors = product(vectors, rotation);
      }
    }
  }
  return { values: m.map((_, i) => at(m, i, i)), vectors };
}

/** A symmetric positive definite matrix to a power. */
export function power(a: Matrix, exponent: number): number[][] {
  const { values, vectors } = eigen(a);
  const scaled = vectors.map((row) => row.map((x, j) => x * (values[j] ?? Number.NaN) ** exponent));
  return product(scaled, transposed(vectors));
}

/** The orthogonal factor of a square matrix, by Householder's reflections, with R's diagonal positive. */
export function householder(a: Matrix): number[][] {
  const n = height(a);
  let r = zip((x) => x, a);
  let q = eye(n);
  for (let k = 0; k < n; k++) {
    const v = r.map((row, i) => (i < k ? 0 : (row[k] ?? 0)));
    v[k] = (v[k] ?? 0) + Math.sign(v[k] || 1) * Math.hypot(...v);
    const square = v.reduce((sum, x) => sum + x * x, 0);
    const reflection = build(
      n,
      n,
      (i, j) => (i === j ? 1 : 0) - (2 * (v[i] ?? 0) * (v[j] ?? 0)) / square,
    );
    r = product(reflection, r);
    q = product(q, reflection);
  }
  return q.map((row) => row.map((x, j) => x * Math.sign(at(r, j, j))));
}
