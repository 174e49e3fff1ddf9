const TWO_OVER_SQRT_PI = 1.1283791670955126;

/**
 * erfc(x) for x ≥ 1 by its continued fraction, exp(−x²)/√π · 1/(x + ½/(x + 1/(x + 1½/(x + …)))).
 * n terms leave an error of about exp(−2x√(2n)), which the count below puts under 1e-16.
 */
const erfcTail = (x: number): number => {
  let fraction = x;
  for (let k = Math.ceil(20 + 170 / (x * x)); k > 0; k--) fraction = x + k / 2 / fraction;
  return ((TWO_OVER_SQRT_PI / 2) * Math.exp(-x * x)) / fraction;
};

/** The error function 2/√π ∫₀ˣ exp(−t²) dt in double precision. */
export const erf = (x: number): number => {
  const size = Math.abs(x);
  if (Number.isNaN(x) || x === 0) return x;
  if (size > 6) return Math.sign(x);
  if (size >= 2) return Math.sign(x) * (1 - erfcTail(size));
  // 2/√π exp(−x²) Σ 2ⁿ x²ⁿ⁺¹ / (2n+1)!!: all terms have one sign, so nothing cancels.
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return TWO_OVER_SQRT_PI * Math.exp(-x * x) * sum;
};

/** The inverse of `erf`: ±∞ at ±1, NaN beyond. */
export const erfInv = (y: number): number => {
  const size = Math.abs(y);
  if (!(size <= 1)) return Number.NaN;
  if (y === 0) return y;
  if (size === 1) return y * Number.POSITIVE_INFINITY;
  // Winitzki's approximation, good to 0.2 %, and Halley steps, which cube the error. Close to ±1
  // they solve erfc(x) = 1 − |y| instead, because 1 − |y| is exact and erf(x) − y would cancel.
  const log = size < 0.5 ? Math.log1p(-size * size) : Math.log((1 - size) * (1 + size));
  const half = 2 / (Math.PI * 0.147) + log / 2;
  let x = Math.sqrt(Math.max(0, Math.sqrt(half * half - log / 0.147) - half));
  for (let step = 0; step < 3; step++) {
    const error = x < 1 || size < 0.8 ? erf(x) - size : 1 - size - erfcTail(x);
    const newton = error / (TWO_OVER_SQRT_PI * Math.exp(-x * x));
    x -= newton / (1 + x * newton);
  }
  return Math.sign(y) * x;
};
