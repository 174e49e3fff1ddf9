/**
 * An error raised inside a layer, with the layer's path in the model.
 *
 * The message reads `encoder.0 (dense): expected …, got …`; at the top level, `dense: expected …`.
 */
export class LayerError extends Error {
  override readonly name = "LayerError";
  /** The kind of layer that failed. */
  readonly kind: string;
  /** What was wanted and what was given. */
  readonly detail: string;
  /** Names of the containers on the way to the layer, joined by dots; empty at the top. */
  readonly path: string;

  constructor(kind: string, detail: string, path = "", options?: ErrorOptions) {
    super(`${path === "" ? kind : `${path} (${kind})`}: ${detail}`, options);
    this.kind = kind;
    this.detail = detail;
    this.path = path;
  }
}

/** Runs a child's function and prefixes the path of any error with the child's name. */
export function atPath<T>(name: string, kind: string, fn: () => T): T {
  try {
    return fn();
  } catch (error) {
    if (error instanceof LayerError) {
      const path = error.path === "" ? name : `${name}.${error.path}`;
      throw new LayerError(error.kind, error.detail, path, { cause: error });
    }
    if (error instanceof Error) throw new LayerError(kind, error.message, name, { cause: error });
    throw error;
  }
}

/** Formats a shape for a message: `[28, 28, 1]`. */
export function showShape(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}
