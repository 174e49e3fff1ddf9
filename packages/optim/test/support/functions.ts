import { constant } from "@layerwise/autodiff";
import * as tf from "@tensorflow/tfjs-core";

/** A classic function of two variables for optimizers to descend. */
export interface TestFunction {
  readonly name: string;
  /** From a vector of two numbers to a scalar. */
  readonly loss: (x: tf.Tensor1D) => tf.Tensor;
  /** Every global minimum; none where the function is unbounded below. */
  readonly minima: readonly (readonly [number, number])[];
  /** The value at the minima, −Infinity where there are none. */
  readonly minimum: number;
  /** The customary starting point. */
  readonly start: readonly [number, number];
  /** The part of the plane worth drawing. */
  readonly window: {
    readonly x: readonly [number, number];
    readonly y: readonly [number, number];
  };
}

/** The function's value at a point, as a tensor. */
type Formula = (x: tf.Tensor, y: tf.Tensor) => tf.Tensor;

const of =
  (formula: Formula): TestFunction["loss"] =>
  (point) =>
    tf.tidy(() => {
      const [x, y] = tf.unstack(point) as [tf.Tensor, tf.Tensor];
      return formula(x, y);
    });

const { add, cos, exp, mul, sqrt, square, sub } = tf;
const sum = (...terms: tf.Tensor[]): tf.Tensor => tf.addN(terms);
const times = (factor: number, x: tf.Tensor): tf.Tensor => mul(x, constant(factor));
const minus = (x: tf.Tensor, n: number): tf.Tensor => sub(x, constant(n));
const square2 = (limit: number): TestFunction["window"] => ({
  x: [-limit, limit],
  y: [-limit, limit],
});

const unbounded = { minima: [], minimum: -Infinity } as const;

/** x² + y². */
export const sphere: TestFunction = {
  name: "sphere",
  loss: of((x, y) => add(square(x), square(y))),
  minima: [[0, 0]],
  minimum: 0,
  start: [-1.5, 1],
  window: square2(2),
};

/** (x² + 1000 y²) / 2: condition number 1000 along the axes. */
export const illConditioned: TestFunction = {
  name: "ill-conditioned quadratic",
  loss: of((x, y) => add(times(0.5, square(x)), times(500, square(y)))),
  minima: [[0, 0]],
  minimum: 0,
  start: [-1.5, 0.25],
  window: { x: [-2, 2], y: [-0.5, 0.5] },
};

/** (x + y)² / 4 + 250 (x − y)²: the same ravine, turned by 45°. */
export const ravine: TestFunction = {
  name: "ravine",
  loss: of((x, y) => add(times(0.25, square(add(x, y))), times(250, square(sub(x, y))))),
  minima: [[0, 0]],
  minimum: 0,
  start: [-1.5, -1],
  window: square2(2),
};

/** (1 − x)² + 100 (y − x²)². */
export const rosenbrock: TestFunction = {
  name: "Rosenbrock",
  loss: of((x, y) => add(square(sub(1, x)), times(100, square(sub(y, square(x)))))),
  minima: [[1, 1]],
  minimum: 0,
  start: [-1.2, 1],
  window: { x: [-2, 2], y: [-1, 3] },
};

/** (1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)². */
export const beale: TestFunction = {
  name: "Beale",
  loss: of((x, y) => {
    const term = (c: number, power: tf.Tensor): tf.Tensor =>
      square(add(c, mul(x, minus(power, 1))));
    const y2 = square(y);
    return sum(term(1.5, y), term(2.25, y2), term(2.625, mul(y2, y)));
  }),
  minima: [[3, 0.5]],
  minimum: 0,
  start: [1, 1],
  window: square2(4.5),
};

/** (x² + y − 11)² + (x + y² − 7)². */
export const himmelblau: TestFunction = {
  name: "Himmelblau",
  loss: of((x, y) =>
    add(square(minus(add(square(x), y), 11)), square(minus(add(x, square(y)), 7))),
  ),
  minima: [
    [3, 2],
    [-2.805118086952745, 3.131312518250573],
    [-3.779310253377747, -3.283185991286169],
    [3.584428340330492, -1.848126526964404],
  ],
  minimum: 0,
  start: [0, 0],
  window: square2(5),
};

/** 0.26 (x² + y²) − 0.48 xy. */
export const matyas: TestFunction = {
  name: "Matyas",
  loss: of((x, y) => sub(times(0.26, add(square(x), square(y))), times(0.48, mul(x, y)))),
  minima: [[0, 0]],
  minimum: 0,
  start: [6, -6],
  window: square2(10),
};

/** (x + 2y − 7)² + (2x + y − 5)². */
export const booth: TestFunction = {
  name: "Booth",
  loss: of((x, y) =>
    add(square(minus(add(x, times(2, y)), 7)), square(minus(add(times(2, x), y), 5))),
  ),
  minima: [[1, 3]],
  minimum: 0,
  start: [-6, -4],
  window: square2(10),
};

/** Σ (x⁴ − 16 x² + 5 x) / 2: one global and three local minima. */
export const styblinskiTang: TestFunction = {
  name: "Styblinski-Tang",
  loss: of((x, y) => {
    const term = (t: tf.Tensor): tf.Tensor => {
      const t2 = square(t);
      return times(0.5, sum(square(t2), times(-16, t2), times(5, t)));
    };
    return add(term(x), term(y));
  }),
  minima: [[-2.903534027771177, -2.903534027771177]],
  minimum: -78.33233140754282,
  start: [-0.5, -1],
  window: square2(5),
};

/**
 * −20 exp(−0.2 √((x² + y²)/2)) − exp((cos 2πx + cos 2πy)/2) + e + 20. A cone at its minimum: there
 * is no gradient there.
 */
export const ackley: TestFunction = {
  name: "Ackley",
  loss: of((x, y) => {
    const wave = (t: tf.Tensor): tf.Tensor => cos(times(2 * Math.PI, t));
    const root = sqrt(times(0.5, add(square(x), square(y))));
    return sum(
      times(-20, exp(times(-0.2, root))),
      tf.neg(exp(times(0.5, add(wave(x), wave(y))))),
      constant(Math.E + 20),
    );
  }),
  minima: [[0, 0]],
  minimum: 0,
  start: [-2.5, 1.75],
  window: square2(4),
};

/** 20 + Σ (x² − 10 cos 2πx). */
export const rastrigin: TestFunction = {
  name: "Rastrigin",
  loss: of((x, y) => {
    const term = (t: tf.Tensor): tf.Tensor => sub(square(t), times(10, cos(times(2 * Math.PI, t))));
    return sum(constant(20), term(x), term(y));
  }),
  minima: [[0, 0]],
  minimum: 0,
  start: [-2.25, 3.25],
  window: square2(5.12),
};

/** x² + y² + s² + s⁴ with s = x/2 + y. */
export const zakharov: TestFunction = {
  name: "Zakharov",
  loss: of((x, y) => {
    const s2 = square(add(times(0.5, x), y));
    return sum(square(x), square(y), s2, square(s2));
  }),
  minima: [[0, 0]],
  minimum: 0,
  start: [-4, 7],
  window: { x: [-5, 10], y: [-5, 10] },
};

/** x² − y²: from beside the saddle's ridge it goes down without end. */
export const saddle: TestFunction = {
  ...unbounded,
  name: "saddle",
  loss: of((x, y) => sub(square(x), square(y))),
  start: [-1.5, 0.01],
  window: square2(2),
};

/** x³ − 3xy²: three ways down, and a Hessian of zeros at the saddle. */
export const monkeySaddle: TestFunction = {
  ...unbounded,
  name: "monkey saddle",
  loss: of((x, y) => mul(x, sub(square(x), times(3, square(y))))),
  start: [1, 0.01],
  window: square2(2),
};

/**
 * ((x − 3)/100)² − (x − y) + exp(20 (x − y)): a gentle slope beside a wall, problem CLIFF of the
 * CUTE collection, from a lower start
 * than its (0, −1), where the gradient is 10¹⁰.
 */
export const cliff: TestFunction = {
  name: "cliff",
  loss: of((x, y) => {
    const d = sub(x, y);
    return sum(square(times(0.01, minus(x, 3))), tf.neg(d), exp(times(20, d)));
  }),
  minima: [[3, 3 + Math.log(20) / 20]],
  minimum: (1 + Math.log(20)) / 20,
  start: [0, -0.25],
  window: { x: [-1, 4], y: [-2, 4] },
};

/** All of them. */
export const testFunctions: readonly TestFunction[] = [
  sphere,
  illConditioned,
  ravine,
  rosenbrock,
  beale,
  himmelblau,
  matyas,
  booth,
  styblinskiTang,
  ackley,
  rastrigin,
  zakharov,
  saddle,
  monkeySaddle,
  cliff,
];
