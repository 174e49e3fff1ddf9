import type { Local } from "../wasm/locals.ts";
import { exponentialInRange } from "./exponential.ts";
import { log } from "./logarithm.ts";
import type { Expr, LaneWriter } from "./writer.ts";

// erf(√z)/√z − 1 on [0, 1]: minimax fit, error 1.2e-9.
const ERF = [
  0.12837916612625122, -0.3761262595653534, 0.11283598840236664, -0.02685440145432949,
  0.005189467221498489, -0.0008020354434847832, 7.887836545705795e-5,
];
// −log(erfc(x))/x on [1, 4]: fitted to an error of 3.6e-10 in erf.
const ERFC = [
  1.1286983489990234, 0.6349536776542664, 0.10655632615089417, -0.024031376466155052,
  0.0037672820035368204, -0.00035294386907480657, 1.419215914211236e-5,
];
// With w = −log(1 − y²), erf⁻¹(y)/y as a polynomial of w − 2.5 for w < 5 and of √w − 3 beyond:
// minimax fits, relative errors 6e-9 and 6e-8.
const INVERSE = [
  1.5014094114303589, 0.24664027988910675, -0.004177386872470379, -0.0012527417857199907,
  0.00021834443032275885, -4.963388164469507e-6, -3.4627048535185168e-6, 4.66180438252195e-7,
  2.323275616333831e-8, -8.791789518625137e-9,
];
const INVERSE_TAIL = [
  2.832976818084717, 1.0016740560531616, 0.00943937711417675, -0.007621262222528458,
  0.005736342631280422, -0.0036775516346096992, 0.001356326276436448, 0.00010489403211977333,
  -0.00020547379972413182,
];

/** erf(x): a polynomial up to 1, 1 − exp(polynomial) beyond. */
export const erf = (w: LaneWriter, x: Local): Expr => {
  const size = w.keep(w.op("f32x4.pmin", w.abs(x), w.f32(4)));
  const square = w.keep(w.op("f32x4.mul", x, x));
  const low = w.keep(w.madd(x, w.polynomial(square, ERF), x));
  const exponent = w.op("f32x4.mul", w.op("f32x4.neg", size), w.polynomial(size, ERFC));
  const high = w.op("f32x4.sub", w.f32(1), exponentialInRange(w, exponent));
  return w.withSignOf(w.select(w.op("f32x4.lt", size, w.f32(1)), low, high), x);
};

/** The inverse of `erf`: ±∞ at ±1, NaN beyond. */
export const erfInverse = (w: LaneWriter, y: Local): Expr => {
  const one = w.f32(1);
  // (1 − y)(1 + y) keeps the precision of 1 − y next to 1.
  const product = w.op("f32x4.mul", w.op("f32x4.sub", one, y), w.op("f32x4.add", one, y));
  const depth = w.keep(w.op("f32x4.neg", log(w, w.keep(product))));
  const centred = w.keep(w.op("f32x4.sub", depth, w.f32(2.5)));
  const near = w.keep(w.polynomial(centred, INVERSE));
  const root = w.keep(w.op("f32x4.sub", w.op("f32x4.sqrt", depth), w.f32(3)));
  const far = w.keep(w.polynomial(root, INVERSE_TAIL));
  const ratio = w.select(w.op("f32x4.lt", depth, w.f32(5)), near, far);
  const inner = w.keep(w.op("f32x4.mul", ratio, y));
  const unit = w.op("f32x4.eq", w.abs(y), one);
  return w.select(unit, w.op("f32x4.mul", y, w.f32(Number.POSITIVE_INFINITY)), inner);
};
