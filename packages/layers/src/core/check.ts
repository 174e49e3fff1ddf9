import type { Layer, LayerContainer } from "./layer.ts";
import { LayerError } from "./layer-error.ts";

/** Throws for names that JavaScript would move to the front, changing the order of layers. */
export function checkNames(kind: string, layers: object): void {
  if (Array.isArray(layers)) return;
  for (const name of Object.keys(layers)) {
    if (!/^\d+$/.test(name) && name !== "") continue;
    const wanted = "expected names that are not numbers (a list numbers its layers)";
    throw new LayerError(kind, `${wanted}, got ${JSON.stringify(name)}`);
  }
}

/** Whether a layer says what it is made of. */
export function isContainer(layer: Layer): layer is LayerContainer {
  return "parts" in layer && "mapLayers" in layer;
}
