import type { Emitter } from "../emitter.ts";
import type { Val } from "../ref.ts";
import { add, compare, mul, num, select, sub, unary } from "./arithmetic.ts";

// M. Giles, "Approximating the erfinv function", single precision: two polynomials in
// w = −log(1 − x²), below and above w = 5.
const CENTRAL = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503,
  -0.00417768164, 0.246640727, 1.50140941,
];
const TAIL = [
  -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613,
  0.00943887047, 1.00167406, 2.83297682,
];

const polynomial = (e: Emitter, w: Val, coefficients: readonly number[]): Val =>
  coefficients.map((c) => num(e, w, c)).reduce((sum, c) => add(e, mul(e, sum, w), c));

/** Inverse of the error function by polynomials. */
export const erfInv = (e: Emitter, x: Val): Val => {
  const w = unary(e, "Neg", unary(e, "Log1p", unary(e, "Neg", mul(e, x, x))));
  const central = polynomial(e, sub(e, w, num(e, x, 2.5)), CENTRAL);
  const tail = polynomial(e, sub(e, unary(e, "Sqrt", w), num(e, x, 3)), TAIL);
  const inside = mul(e, select(e, compare(e, "LT", w, num(e, x, 5)), central, tail), x);
  const edge = compare(e, "EQ", unary(e, "Abs", x), num(e, x, 1));
  return select(e, edge, mul(e, x, num(e, x, Number.POSITIVE_INFINITY)), inside);
};
