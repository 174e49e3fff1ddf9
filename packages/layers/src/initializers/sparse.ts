import { constant as exact, random } from "@layerwise/autodiff";
import {
  cast,
  less,
  mul,
  neg,
  tidy,
  topk,
  transpose,
  where,
  zerosLike,
} from "@tensorflow/tfjs-core";
import { LayerError, showShape } from "../core/layer-error.ts";
import type { Initializer } from "./fans.ts";

/** Options of {@link sparse}: either `connections` or `sparsity`. */
export interface SparseOptions {
  /** The number of inputs of each unit whose weight is not zero. Default 15. */
  readonly connections?: number | undefined;
  /** In place of `connections`: the fraction of each unit's weights that are zero, rounded up. */
  readonly sparsity?: number | undefined;
  /** The deviation of the other weights. Default 1, or 0.01 with `sparsity`. */
  readonly stddev?: number | undefined;
}

/**
 * Makes an initializer that gives each unit exactly so many weights from N(0, stddev²) and zeros
 * elsewhere, at random places of its own.
 *
 * Shape [inputs, units]: each column is a unit. By default Martens's: 15 connections of deviation 1.
 * With `sparsity` PyTorch's `sparse_`: deviation 0.01 and ⌈sparsity · rows⌉ zeros in each column,
 * which in PyTorch's layout are the weights from one input, here those to one unit.
 *
 * Reference: Martens, 2010, https://www.cs.toronto.edu/~jmartens/docs/Deep_HessianFree.pdf.
 *
 * @example
 * ```ts
 * import { random } from "@layerwise/autodiff";
 * import { sparse } from "@layerwise/layers";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const kernel = sparse({ connections: 3 })(random.key(0), [20, 5]);
 * if (kernel.dataSync().filter((v) => v !== 0).length !== 15) throw new Error(String(kernel));
 * ```
 */
export function sparse({
  connections,
  sparsity,
  stddev = sparsity === undefined ? 1 : 0.01,
}: SparseOptions = {}): Initializer {
  check(connections, sparsity);
  return (key, shape) =>
    tidy(() => {
      const [inputs, units] = shape;
      if (inputs === undefined || units === undefined || shape.length > 2) {
        const got = showShape(shape);
        throw new LayerError("sparse", `expected a shape [inputs, units], got ${got}`);
      }
      const kept =
        sparsity === undefined ? (connections ?? 15) : inputs - Math.ceil(sparsity * inputs);
      const [weightKey, placeKey] = random.split(key);
      const weights = mul(random.normal(weightKey, [inputs, units]), exact(stddev));
      // The inverse of a random permutation is each place's rank in it: ranks never tie.
      const order = topk(random.uniform(placeKey, [units, inputs]), inputs).indices;
      const ranks = topk(neg(cast(order, "float32")), inputs).indices;
      return where(less(transpose(ranks), kept), weights, zerosLike(weights));
    });
}

function check(connections: number | undefined, sparsity: number | undefined): void {
  if (connections !== undefined && sparsity !== undefined) {
    throw new LayerError("sparse", "expected connections or sparsity, got both");
  }
  if (connections !== undefined && !(Number.isInteger(connections) && connections > 0)) {
    const wanted = "expected a positive whole number of connections";
    throw new LayerError("sparse", `${wanted}, got ${connections}`);
  }
  if (sparsity !== undefined && !(sparsity >= 0 && sparsity <= 1)) {
    throw new LayerError("sparse", `expected a sparsity in [0, 1], got ${sparsity}`);
  }
}
