import type * as tf from "@tensorflow/tfjs-core";
import { inTrace, session } from "../api/run.ts";
import type { Builder } from "../ir/builder.ts";
import { at, sizeOf } from "../ir/shape.ts";
import type { Shape, TensorType, Value } from "../ir/types.ts";
import { type Key, keyValue, split, threefryBlocks } from "./key.ts";

// The numbers next to -1 and to 0 in float32.
const ABOVE_MINUS_ONE = -1 + 2 ** -24;
const TINY = 2 ** -126;

const f32 = (shape: Shape): TensorType => ({ shape, dtype: "f32" });

const bitsValue = (b: Builder, key: Value, shape: Shape): Value => {
  const [y0, y1] = threefryBlocks(b, key, shape);
  return b.map("xor", y0, y1);
};

// 23 random bits as the mantissa of a number in [1, 2).
const unitUniform = (b: Builder, key: Value, shape: Shape): Value => {
  const bits = bitsValue(b, key, shape);
  const mantissa = b.map("shift_right_logical", bits, b.fill(bits.type, 9));
  const oneToTwo = b.map("or", mantissa, b.fill(bits.type, 0x3f800000));
  return b.shift(b.bitcast(oneToTwo, "f32"), -1);
};

const uniformValue = (b: Builder, key: Value, shape: Shape, low: number, high: number): Value => {
  const span = Math.fround(Math.fround(high) - Math.fround(low));
  const unit = unitUniform(b, key, shape);
  const scaled = low === 0 && span === 1 ? unit : b.shift(b.scale(unit, span), Math.fround(low));
  return b.map("maximum", scaled, b.fill(scaled.type, Math.fround(low)));
};

const sample = (key: Key, make: (b: Builder, key: Value) => Value): tf.Tensor =>
  inTrace((k: Key) => session().wrap(make(session().frame, keyValue(k))), key);

/**
 * 32 random bits per element, as an int32 tensor. The same bits as `jax.random.bits`.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const words = random.bits(random.key(0), [4]);
 * ```
 */
export function bits(key: Key, shape: Shape): tf.Tensor {
  return sample(key, (b, k) => b.bitcast(bitsValue(b, k, shape), "i32"));
}

/** Bounds of {@link uniform}. */
export interface UniformOptions {
  /** Smallest value, included. Default: 0. */
  readonly minval?: number;
  /** Largest value, excluded up to rounding. Default: 1. */
  readonly maxval?: number;
}

/**
 * Uniform float32 numbers from [minval, maxval). Bit-identical on every backend, and to
 * `jax.random.uniform` for the unit interval.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const w = random.uniform(random.key(0), [784, 300], { minval: -1 / 28, maxval: 1 / 28 });
 * ```
 */
export function uniform(key: Key, shape: Shape, options: UniformOptions = {}): tf.Tensor {
  const { minval = 0, maxval = 1 } = options;
  if (!(minval <= maxval)) {
    throw new Error(`random.uniform: expected minval <= maxval, got ${minval} and ${maxval}`);
  }
  return sample(key, (b, k) => uniformValue(b, k, shape, minval, maxval));
}

/**
 * Standard normal float32 numbers, √2·erf⁻¹(u) with u uniform on (−1, 1).
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const noise = random.normal(random.key(0), [2, 3]);
 * ```
 */
export function normal(key: Key, shape: Shape): tf.Tensor {
  return sample(key, (b, k) => {
    const u = uniformValue(b, k, shape, ABOVE_MINUS_ONE, 1);
    return b.scale(b.map("erf_inv", u), Math.SQRT2);
  });
}

/**
 * Standard normal numbers conditioned on lying in [lower, upper].
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const w = random.truncatedNormal(random.key(0), -2, 2, [10]);
 * ```
 */
export function truncatedNormal(key: Key, lower: number, upper: number, shape: Shape): tf.Tensor {
  if (!(lower < upper)) {
    throw new Error(`random.truncatedNormal: expected lower < upper, got ${lower} and ${upper}`);
  }
  return sample(key, (b, k) => {
    const bound = (x: number): Value =>
      b.map("erf", b.fill(f32(shape), Math.fround(x / Math.SQRT2)));
    const [a, z] = [bound(lower), bound(upper)];
    const u = b.add(b.mul(unitUniform(b, k, shape), b.sub(z, a)), a);
    const x = b.scale(b.map("erf_inv", u), Math.SQRT2);
    return b.map("clamp", b.fill(x.type, lower), x, b.fill(x.type, upper));
  });
}

/**
 * True with probability `p` (a number, or a float32 tensor of a shape that broadcasts to `shape`).
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const keep = random.bernoulli(random.key(0), 0.75, [20, 784]);
 * ```
 */
export function bernoulli(key: Key, p: number | tf.Tensor, shape: Shape): tf.Tensor {
  return inTrace(
    (k: Key, given: tf.Tensor | null) => {
      const s = session();
      const b = s.frame;
      const chance = given === null ? b.fill(f32(shape), p as number) : s.resolve(given);
      const u = unitUniform(b, keyValue(k), shape);
      return s.wrap(b.compare(u, "LT", b.broadcastTo(chance, shape)));
    },
    key,
    typeof p === "number" ? null : p,
  );
}

/**
 * Uniform int32 numbers from [minval, maxval), both bounds int32. The same as `jax.random.randint`.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const dice = random.randint(random.key(0), [100], 1, 7);
 * ```
 */
export function randint(key: Key, shape: Shape, minval: number, maxval: number): tf.Tensor {
  if ((minval | 0) !== minval || (maxval | 0) !== maxval || minval >= maxval) {
    throw new Error(`random.randint: expected int32 minval < maxval, got ${minval}, ${maxval}`);
  }
  return inTrace((k: Key) => {
    const s = session();
    const b = s.frame;
    const [high, low] = split(k).map((sub) => bitsValue(b, keyValue(sub), shape));
    const span = maxval - minval;
    const all = (n: number): Value => b.fill({ shape, dtype: "u32" }, n);
    const rest = (x: Value): Value => b.map("remainder", x, all(span));
    // The two words are one 64-bit number modulo span, as far as 32 bits carry: JAX squares 2¹⁶ modulo
    // span in them too, so that beyond a span of 2¹⁶ the high word drops out.
    const half = 2 ** 16 % span;
    const factor = (Math.imul(half, half) >>> 0) % span;
    const joined = b.add(b.mul(rest(high as Value), all(factor)), rest(low as Value));
    // Shifted as u32: tfjs's WebGPU kernels take sums of int32 through floats.
    return s.wrap(b.bitcast(b.add(rest(joined), all(minval >>> 0)), "i32"));
  }, key);
}

/**
 * The numbers 0 … n − 1 in random order, as int32 [n]. The same as `jax.random.permutation`.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const order = random.permutation(random.key(0), 10);
 * ```
 */
export function permutation(key: Key, n: number): tf.Tensor {
  // Sorting by 32-bit words can tie; enough rounds make the effect of ties negligible.
  const rounds = Math.ceil((3 * Math.log(Math.max(1, n))) / Math.log(2 ** 32 - 1));
  return inTrace((first: Key) => {
    const s = session();
    const b = s.frame;
    let order = b.iota({ shape: [n], dtype: "i32" }, 0);
    let k = first;
    for (let i = 0; i < rounds; i++) {
      const [next, sub] = split(k);
      k = next;
      const words = bitsValue(b, keyValue(sub), [n]);
      // Flipping the top bit turns the unsigned order into the signed one.
      const signed = b.bitcast(b.map("xor", words, b.fill(words.type, 0x80000000)), "i32");
      order = at(b.emit("sort", [signed, order], { dimension: 0, descending: false }), 1);
    }
    return s.wrap(order);
  }, key);
}

/**
 * Draws indices from categorical distributions with the given unnormalized log-probabilities along
 * the last axis, by the Gumbel trick: argmax(logits − log(−log u)). Result: int32 [...logits without last axis].
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const index = random.categorical(random.key(0), tf.tensor2d([[0, 0, 9]]));
 * ```
 */
export function categorical(key: Key, logits: tf.Tensor): tf.Tensor {
  return inTrace(
    (k: Key, given: tf.Tensor) => {
      const s = session();
      const b = s.frame;
      const x = s.resolve(given);
      const { shape } = x.type;
      if (sizeOf(shape) === 0 || shape.length === 0) {
        throw new Error(`random.categorical: expected logits of rank >= 1, got [${shape}]`);
      }
      const u = uniformValue(b, keyValue(k), shape, TINY, 1);
      const gumbel = b.neg(b.map("log", b.neg(b.map("log", u))));
      const dimension = shape.length - 1;
      return s.wrap(b.one("arg_reduce", [b.add(gumbel, x)], { monoid: "maximum", dimension }));
    },
    key,
    logits,
  );
}
