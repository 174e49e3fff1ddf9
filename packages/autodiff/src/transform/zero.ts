import { at } from "../ir/shape.ts";
import type { Value } from "../ir/types.ts";

/** Whether a value is zero everywhere, as far as its definition shows. */
export const isZero = (v: Value): boolean => {
  const node = v.producer;
  switch (node?.op) {
    case "constant":
      return node.attrs.data.every((x) => x === 0);
    case "broadcast_in_dim":
    case "reshape":
    case "transpose":
    case "convert":
    case "negate":
      return isZero(at(node.inputs, 0));
    default:
      return false;
  }
};
