import { LayerError } from "../core/layer-error.ts";

/** Throws unless a number of channels falls into equal groups. */
export function checkGroups(kind: string, groups: number, name: string, channels: number): void {
  if (Number.isInteger(groups) && groups >= 1 && channels % groups === 0) return;
  throw new LayerError(kind, `expected groups that divide ${channels} ${name}, got ${groups}`);
}
