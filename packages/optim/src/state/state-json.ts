import { bytesOf, fromBase64, toBase64 } from "./base64.ts";
import { ARRAYS, checkSaved, isRecord, type SavedState, type SavedTensor } from "./saved-state.ts";

/**
 * Writes a saved state as JSON text; the values of a tensor are the base64 text of its
 * little-endian bytes, which keeps NaN, infinities and −0 as they are. Throws when `info` holds what
 * JSON would lose: numbers that are not finite, dates, functions.
 *
 * @example
 * ```ts
 * import { saveState, stateFromJson, stateToJson } from "@layerwise/optim";
 * import * as tf from "@tensorflow/tfjs-core";
 * import "@tensorflow/tfjs-backend-cpu";
 *
 * const text = stateToJson(await saveState({ x: tf.tensor1d([Number.NaN, -0]) }));
 * const { data } = stateFromJson(text).entries.x ?? {};
 * if (!Object.is(data?.[1], -0)) throw new Error(text);
 * ```
 */
export function stateToJson(saved: SavedState): string {
  checkSaved("stateToJson", saved);
  checkJson("info", saved.info);
  const entries = Object.entries(saved.entries).map(([path, { dtype, shape, data }]) => [
    path,
    { dtype, shape, data: toBase64(bytesOf(data)) },
  ]);
  return JSON.stringify({ ...saved, entries: Object.fromEntries(entries) });
}

/**
 * Reads what {@link stateToJson} wrote. Throws for anything else, saying what is wrong.
 *
 * @example
 * ```ts
 * import { saveState, stateFromJson, stateToJson } from "@layerwise/optim";
 *
 * const saved = stateFromJson(stateToJson(await saveState(null, { step: 7 })));
 * if (saved.info.step !== 7) throw new Error(JSON.stringify(saved));
 * ```
 */
export function stateFromJson(text: string): SavedState {
  const saved = parse(text);
  if (!isRecord(saved) || !isRecord(saved.entries)) {
    throw new Error("stateFromJson: expected the text of a saved state");
  }
  const entries = Object.entries(saved.entries).map(([path, entry]) => [path, decode(entry)]);
  const { info = {} } = saved;
  const decoded: unknown = { ...saved, entries: Object.fromEntries(entries), info };
  checkSaved("stateFromJson", decoded);
  return decoded;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`stateFromJson: expected JSON: ${(error as Error).message}`, { cause: error });
  }
}

function checkJson(path: string, value: unknown): void {
  if (value === null || typeof value === "string" || typeof value === "boolean") return;
  if (typeof value === "number" && Number.isFinite(value)) return;
  if (!Array.isArray(value) && !isPlain(value)) {
    throw new Error(`stateToJson: ${path}: expected what JSON can hold, got ${String(value)}`);
  }
  for (const [name, child] of Object.entries(value)) checkJson(`${path}.${name}`, child);
}

function isPlain(value: unknown): value is object {
  return isRecord(value) && [Object.prototype, null].includes(Object.getPrototypeOf(value));
}

/** An entry with its array, or as it is where it is none; the check that follows names it. */
function decode(entry: unknown): SavedTensor | unknown {
  if (!isRecord(entry) || typeof entry.dtype !== "string" || typeof entry.data !== "string") {
    return entry;
  }
  if (!Object.hasOwn(ARRAYS, entry.dtype)) return entry;
  const kind = ARRAYS[entry.dtype as keyof typeof ARRAYS];
  const bytes = fromBase64(entry.data);
  if (bytes === undefined || bytes.length % kind.BYTES_PER_ELEMENT !== 0) return entry;
  return { ...entry, data: new kind(bytes.buffer) };
}
