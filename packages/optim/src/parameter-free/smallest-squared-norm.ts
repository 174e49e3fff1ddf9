/** A squared gradient norm up to this counts as zero, as in optax: float64's machine epsilon. */
export const SMALLEST_SQUARED_NORM: number = Number.EPSILON;
