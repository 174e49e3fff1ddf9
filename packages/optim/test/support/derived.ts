import golden from "../fixtures/optimizers.json" with { type: "json" };
import type { GoldenCase } from "./golden.ts";
import { type Matrix, zip } from "./matrix.ts";
import type { AnyOptimizer } from "./row.ts";

/** A step of a rule on one parameter; a vector is a matrix of one column. */
export type Rule = (gradient: Matrix, parameter: Matrix) => Matrix;

/** The parameters after each of the fixture's gradients, by a rule in plain JavaScript. */
export function derived(rules: { readonly w: Rule; readonly b: Rule }): GoldenCase {
  let w: Matrix = golden.params.w;
  let b: Matrix = golden.params.b.map((x) => [x]);
  const steps = golden.grads.map((grad, i) => {
    w = rules.w(grad.w, w);
    b = rules.b(
      grad.b.map((x) => [x]),
      b,
    );
    return [String(i + 1), { w, b: b.flat() }] as const;
  });
  return {
    source: "plain JavaScript",
    name: "",
    config: {},
    trajectory: Object.fromEntries(steps),
  };
}

export const worst = (differences: Readonly<Record<string, number>>): number =>
  Math.max(...Object.values(differences));
export const any = (optimizer: unknown): AnyOptimizer => optimizer as AnyOptimizer;

export const ema = (decay: number, average: Matrix, value: Matrix): Matrix =>
  zip((a, x) => decay * a + (1 - decay) * x, average, value);
export const descend = (rate: number, parameter: Matrix, update: Matrix): Matrix =>
  zip((p, u) => p - rate * u, parameter, update);
