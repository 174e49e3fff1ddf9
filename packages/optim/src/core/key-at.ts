import { random } from "@layerwise/autodiff";

/**
 * The random key of a place in a tree: it depends on the path only, not on what else is in the tree.
 */
export function keyAt(key: random.Key, path: string): random.Key {
  return random.foldIn(key, hashOf(path));
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
