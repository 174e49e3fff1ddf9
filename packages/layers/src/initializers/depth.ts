import { LayerError } from "../core/layer-error.ts";
import { uniform } from "./distributions.ts";
import type { Initializer } from "./fans.ts";
import { fansOf } from "./fans.ts";
import { varianceScaling } from "./variance-scaling.ts";

/** Options of {@link siren}. */
export interface SirenOptions {
  /** The frequency of the sine, sin(ω x). Default 30. */
  readonly omega?: number | undefined;
  /** Whether the layer is the first: its input are coordinates, not sines. Default false. */
  readonly first?: boolean | undefined;
}

/**
 * Makes the initializer of layers followed by sin(ω x): U(±√(6 / fanIn) / ω), or U(±1 / fanIn) for
 * the first layer.
 *
 * Reference: Sitzmann et al., 2020, https://arxiv.org/abs/2006.09661.
 *
 * @example
 * ```ts
 * import { activation, dense, sequential, siren } from "@layerwise/layers";
 *
 * const net = sequential([
 *   dense({ units: 64, kernelInit: siren({ first: true }) }),
 *   activation("sine", { omega: 30 }),
 *   dense({ units: 3, kernelInit: siren() }),
 * ]);
 * ```
 */
export function siren({ omega = 30, first = false }: SirenOptions = {}): Initializer {
  checkPositive("siren", "omega", omega);
  return (key, shape, { fanIn } = fansOf(shape)) => {
    const limit = first ? 1 / Math.max(fanIn, 1) : Math.sqrt(6 / Math.max(fanIn, 1)) / omega;
    return uniform({ limit })(key, shape);
  };
}

/** Options of {@link fixup}. */
export interface FixupOptions {
  /** The number of residual branches in the network. */
  readonly branches: number;
  /** The number of weight layers in each branch, at least 2. Default 2. */
  readonly layers?: number | undefined;
}

/**
 * Makes the initializer of weight layers in residual branches without normalization: He's normal
 * times branches^(−1 / (2 layers − 2)).
 *
 * The last layer of every branch and the classifier start from {@link zeros}; a scalar multiplier
 * and biases belong to the method too. For the short form, a branch that starts switched off, see
 * `residual` with `gain: 0` (SkipInit, ReZero), or `zeros` for the last norm's gain.
 *
 * Reference: Zhang, Dauphin and Ma, 2019, https://arxiv.org/abs/1901.09321.
 *
 * @example
 * ```ts
 * import { activation, dense, fixup, residual, sequential, zeros } from "@layerwise/layers";
 *
 * const block = residual(
 *   sequential([
 *     dense({ units: 32, kernelInit: fixup({ branches: 10 }) }),
 *     activation("relu"),
 *     dense({ units: 32, kernelInit: zeros }),
 *   ]),
 * );
 * ```
 */
export function fixup({ branches, layers = 2 }: FixupOptions): Initializer {
  checkPositive("fixup", "number of branches", branches);
  if (!(layers >= 2)) {
    throw new LayerError("fixup", `expected at least 2 layers in a branch, got ${layers}`);
  }
  return varianceScaling({ scale: 2 * branches ** (-1 / (layers - 1)), distribution: "normal" });
}

function checkPositive(kind: string, name: string, value: number): void {
  if (value > 0 && value < Infinity) return;
  throw new LayerError(kind, `expected a finite positive ${name}, got ${value}`);
}
