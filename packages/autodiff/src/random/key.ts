import * as tf from "@tensorflow/tfjs-core";
import { inTrace, session } from "../api/run.ts";
import type { Builder } from "../ir/builder.ts";
import { at, range, sizeOf } from "../ir/shape.ts";
import type { Shape, Value } from "../ir/types.ts";

/**
 * State of the random number generator: an int32 tensor of shape [2] that holds 64 bits. A key is
 * used once; `split` and `foldIn` make new ones.
 */
export type Key = tf.Tensor;

/**
 * A key from an integer seed, 0 ≤ seed ≤ 2⁵³ − 1. The same bits as `jax.random.key(seed)`.
 *
 * Throws for seeds that are no integers in that range.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * if (`${random.key(42).arraySync()}` !== "0,42") throw new Error("unexpected key");
 * ```
 */
export function key(seed: number): Key {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new Error(`random.key: expected an integer seed from 0 to 2^53 - 1, got ${seed}`);
  }
  return tf.tensor1d([Math.floor(seed / 2 ** 32) | 0, seed | 0], "int32");
}

/** The unsigned value of a key tensor in the current frame. */
export function keyValue(x: Key): Value {
  const s = session();
  const value = s.resolve(x);
  if (sizeOf(value.type.shape) !== 2 || !["i32", "u32"].includes(value.type.dtype)) {
    throw new Error(
      `random: expected a key (int32 [2], from random.key(seed)), got ${x.dtype} [${x.shape}]`,
    );
  }
  return s.frame.bitcast(s.frame.reshape(value, [2]), "u32");
}

/** Threefry outputs for the counters 0, 1, … of a shape; the high words are zero. */
export function threefryBlocks(b: Builder, k: Value, shape: Shape): readonly [Value, Value] {
  const flat = { shape: [sizeOf(shape)], dtype: "u32" } as const;
  const low = b.reshape(b.iota(flat, 0), shape);
  const [y0, y1] = b.emit("threefry2x32", [k, b.zeros(low.type), low], {});
  return [y0 as Value, y1 as Value];
}

const pair = (b: Builder, y0: Value, y1: Value): Value =>
  b.bitcast(b.concatenate([b.reshape(y0, [1]), b.reshape(y1, [1])], 0), "i32");

/**
 * `count` independent keys from one. The same keys as `jax.random.split`.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const [dropoutKey, noiseKey] = random.split(random.key(0));
 * ```
 */
export function split(x: Key, count: 1): [Key];
export function split(x: Key, count?: 2): [Key, Key];
export function split(x: Key, count: 3): [Key, Key, Key];
export function split(x: Key, count: number): Key[];
export function split(x: Key, count = 2): Key[] {
  if (!Number.isInteger(count) || count < 1) {
    throw new Error(`random.split: expected a positive number of keys, got ${count}`);
  }
  return inTrace((k: Key) => {
    const s = session();
    const b = s.frame;
    const [y0, y1] = threefryBlocks(b, keyValue(k), [count]);
    return range(count).map((i) =>
      s.wrap(pair(b, b.slice(y0, [i], [i + 1]), b.slice(y1, [i], [i + 1]))),
    );
  }, x);
}

/**
 * A key made from a key and an integer, such as a step or layer number. The same as
 * `jax.random.fold_in`. `data` may be an int32 scalar tensor, for counters inside compiled steps.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const base = random.key(7);
 * const perStep = [0, 1, 2].map((step) => random.foldIn(base, step));
 * ```
 */
export function foldIn(x: Key, data: number | tf.Tensor): Key {
  const integer = typeof data === "number" ? Number.isSafeInteger(data) : data.dtype === "int32";
  if (!integer) {
    const given = typeof data === "number" ? `${data}` : `a ${data.dtype} tensor`;
    throw new Error(`random.foldIn: expected an integer or an int32 scalar tensor, got ${given}`);
  }
  return inTrace(
    (k: Key, given: tf.Tensor | null) => {
      const s = session();
      const b = s.frame;
      const type = { shape: [1], dtype: "u32" } as const;
      const word =
        given === null
          ? b.fill(type, (data as number) >>> 0)
          : b.bitcast(b.reshape(s.resolve(given), [1]), "u32");
      const words = b.emit("threefry2x32", [keyValue(k), b.zeros(type), word], {});
      return s.wrap(pair(b, at(words, 0), at(words, 1)));
    },
    x,
    typeof data === "number" ? null : data,
  );
}
