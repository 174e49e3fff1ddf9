/**
 * Saved data and an optimizer do not belong together; says where, in lists of paths.
 *
 * A renamed parameter is missing under its new name and extra under its old one.
 *
 * @example
 * ```ts
 * import { loadState, StateMismatchError, saveState, trace } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const momentum = trace({ decay: 0.9 });
 * const saved = await saveState(momentum.init({ w: tf.zeros([2]) }));
 * try {
 *   loadState(saved, momentum.init({ weight: tf.zeros([2]) }));
 *   throw new Error("loaded");
 * } catch (error) {
 *   if (!(error instanceof StateMismatchError)) throw error;
 *   if (error.missing.join() !== "trace.weight") throw error;
 *   if (error.extra.join() !== "trace.w") throw error;
 * }
 * ```
 */
export class StateMismatchError extends Error {
  override readonly name = "StateMismatchError";
  /** Paths that the optimizer has and the saved data has not. */
  readonly missing: readonly string[];
  /** Paths that the saved data has and the optimizer has not. */
  readonly extra: readonly string[];
  /** Paths where shape or data type differ. */
  readonly misshaped: readonly string[];

  /** `misshaped` maps a path to a description of what differs. */
  constructor(
    caller: string,
    missing: readonly string[],
    extra: readonly string[],
    misshaped: ReadonlyMap<string, string> = new Map(),
  ) {
    const parts = [
      list("missing", missing.map(quote)),
      list("extra", extra.map(quote)),
      list(
        "different",
        [...misshaped].map(([path, difference]) => `${quote(path)} (${difference})`),
      ),
    ];
    const found = parts.filter((part) => part !== "").join("; ");
    super(`${caller}: the state does not fit: ${found}`);
    this.missing = missing;
    this.extra = extra;
    this.misshaped = [...misshaped.keys()];
  }
}

const quote = (path: string): string => JSON.stringify(path);

const list = (title: string, items: readonly string[]): string =>
  items.length === 0 ? "" : `${title}: ${items.join(", ")}`;
