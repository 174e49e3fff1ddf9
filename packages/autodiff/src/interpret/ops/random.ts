import { sizeOf } from "../../ir/shape.ts";
import { full } from "../broadcast.ts";
import { onHost } from "../host-step.ts";
import type { Lower } from "../lower.ts";
import { view, whole } from "../ref.ts";

/** Lowering of threefry2x32 to the kernel of that name. */
export const threefry: Lower<"threefry2x32"> = (e, [key, x0, x1], attrs, types) => {
  const { shape } = x0!;
  if (!e.has("LayerwiseThreefry2x32")) {
    return onHost(e, "threefry2x32", [key!, x0!, x1!], attrs, types);
  }
  const flat = [sizeOf(shape)];
  const inputs = { key: full(e, key!), x0: view(full(e, x0!), flat), x1: view(full(e, x1!), flat) };
  const result = { shape: flat, dtype: "int32" } as const;
  const words = e.kernels("LayerwiseThreefry2x32", inputs, {}, [result, result]);
  return words.map((ref) => whole(view(ref, shape), "u32"));
};
