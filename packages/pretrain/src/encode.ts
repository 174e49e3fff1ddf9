import { compile } from "@layerwise/autodiff";
import type { Layer, Variables } from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";

/** Examples that go through a network at a time when no gradient is needed. */
const CHUNK = 1000;

/** Starts and sizes of the pieces that `count` rows are cut into. */
export const chunks = (count: number): readonly (readonly [number, number])[] =>
  Array.from({ length: Math.ceil(count / CHUNK) }, (_, i) => [
    i * CHUNK,
    Math.min(CHUNK, count - i * CHUNK),
  ]);

/**
 * Outputs of a layer, not in training, for all examples [n, …], computed in pieces that fit caches.
 * Throws where there are no examples.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { basicAutoencoder } from "@layerwise/autoencoders";
 * import { encodeAll, encoderPart } from "@layerwise/pretrain";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const model = basicAutoencoder({ units: 3 });
 * const variables = model.init(random.key(0), [5]);
 * const codes = encodeAll(model.encoder, encoderPart(variables), tf.ones([2500, 5]));
 * if (`${codes.shape}` !== "2500,3") throw new Error(`${codes.shape}`);
 * ```
 */
export function encodeAll(layer: Layer, variables: Variables, x: tf.Tensor): tf.Tensor {
  const count = x.shape[0] ?? 0;
  if (count === 0) {
    throw new Error(
      `encodeAll: expected at least 1 example, got ${count} (x [${x.shape.join(", ")}])`,
    );
  }
  const run = compile((v: Variables, piece: tf.Tensor) => layer.apply(v, piece).y);
  try {
    return tf.tidy(() => {
      const rest = x.shape.slice(1);
      const pieces = chunks(count).map(([start, size]) =>
        run(variables, tf.slice(x, [start, ...rest.map(() => 0)], [size, ...rest])),
      );
      return pieces.length === 1 ? (pieces[0] as tf.Tensor) : tf.concat(pieces, 0);
    });
  } finally {
    run.dispose();
  }
}
