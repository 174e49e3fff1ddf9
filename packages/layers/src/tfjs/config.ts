import { isTreeNode } from "@layerwise/autodiff";
import { LayerError } from "../core/layer-error.ts";

/**
 * The options of a factory as a string that survives tfjs-layers' files.
 *
 * tfjs-layers rewrites all names and strings of a configuration to snake_case and back, which loses
 * their case. JSON in which capitals, underscores and all but ASCII are escaped has nothing to rewrite.
 */
export function encodeConfig(name: string, config: unknown): string {
  if (config === undefined) return "";
  const json = JSON.stringify(config, (field: string, value: unknown) => {
    if (isJson(value)) return value;
    const where = field === "" ? "options" : `"${field}"`;
    const given = typeof value === "object" ? value?.constructor.name : String(value);
    throw new LayerError(name, `expected ${where} that JSON can hold, got ${given}`);
  });
  return json.replace(/[A-Z_\u0080-\uffff]/g, escaped);
}

function escaped(letter: string): string {
  return `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** The options that {@link encodeConfig} was given. */
export function decodeConfig(text: string): unknown {
  return text === "" ? undefined : JSON.parse(text);
}

/** Whether JSON gives a value back as it is; what is undefined is left out, as if it were not given. */
function isJson(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value === "object") return isTreeNode(value);
  return ["string", "boolean", "undefined"].includes(typeof value);
}
