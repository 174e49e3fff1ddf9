import { random } from "@layerwise/autodiff";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { ApplyOptions, ApplyResult, Layer, Shape, Variables } from "../core/layer.ts";
import { atPath, LayerError } from "../core/layer-error.ts";

/** A layer under its name. */
export type NamedLayer = readonly [name: string, layer: Layer];

/** One key per layer; none at all for no layers. */
export function splitKey(key: Tensor, count: number): Tensor[] {
  return count === 0 ? [] : random.split(key, count);
}

/** The variables of named layers, each made for the shape at its place. */
export function initChildren(
  key: Tensor,
  entries: readonly NamedLayer[],
  shapeAt: (i: number) => Shape,
): Variables {
  const keys = splitKey(key, entries.length);
  const made = entries.map(([name, layer], i) =>
    atPath(name, layer.kind, () => [name, layer.init(keys[i] as Tensor, shapeAt(i))] as const),
  );
  return {
    params: Object.fromEntries(made.map(([name, { params }]) => [name, params])),
    state: Object.fromEntries(made.map(([name, { state }]) => [name, state])),
  };
}

type Named = { readonly [name: string]: never };

/** Applies the child of a name to its part of a container's variables. */
export function applyChild(
  [name, layer]: NamedLayer,
  variables: Variables,
  x: Tensor,
  options: ApplyOptions,
): ApplyResult {
  const [params, state] = [variables.params as Named, variables.state as Named];
  const own = { params: params[name], state: state[name] };
  return atPath(name, layer.kind, () => {
    if (own.params === undefined || own.state === undefined) {
      const names = Object.keys(params).join(", ") || "none";
      const wanted = `expected variables named ${JSON.stringify(name)}`;
      throw new LayerError(layer.kind, `${wanted}, got ${names}`);
    }
    return layer.apply(own as unknown as Variables, x, options);
  });
}
