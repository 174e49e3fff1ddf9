import type { DynamicSliceOp, MovementOp } from "../../ir/types.ts";
import { type Application, names, type Printer } from "./scope.ts";
import { list, signature, tensorType } from "./syntax.ts";

type Movement = Exclude<MovementOp, "constant" | "iota"> | DynamicSliceOp;

/** `stablehlo.op %0, %1, attribute = … : (…) -> …` */
const simple =
  <K extends Movement>(op: K, attributes: (a: Application<K>) => string = () => ""): Printer<K> =>
  (scope, application) => {
    const { inputs, outputs } = application;
    const text = `stablehlo.${op} ${names(inputs)}${attributes(application)}`;
    return scope.op(outputs, `${text} : ${signature(inputs, outputs)}`);
  };

/** Text of operations that only move elements. */
export const printMovement: { readonly [K in Movement]: Printer<K> } = {
  broadcast_in_dim: simple("broadcast_in_dim", (a) => `, dims = ${list(a.attrs.dimensions)}`),
  reshape: simple("reshape"),
  transpose: simple("transpose", (a) => `, dims = ${list(a.attrs.permutation)}`),
  reverse: (scope, { inputs: [x], attrs, outputs: [type] }) => {
    const text = `stablehlo.reverse ${x!.name}, dims = ${list(attrs.dimensions)}`;
    return [scope.one(type!, `${text} : ${tensorType(type!)}`)];
  },
  slice: simple("slice", ({ attrs: { start, limit, strides } }) => {
    const range = (s: number, i: number): string =>
      `${s}:${limit[i]}${strides[i] === 1 ? "" : `:${strides[i]}`}`;
    return ` [${start.map(range).join(", ")}]`;
  }),
  pad: simple("pad", ({ attrs: { low, high, interior } }) => {
    return `, low = ${list(low)}, high = ${list(high)}, interior = ${list(interior)}`;
  }),
  concatenate: simple("concatenate", (a) => `, dim = ${a.attrs.dimension}`),
  dynamic_slice: simple("dynamic_slice", (a) => `, sizes = ${list(a.attrs.sizes)}`),
  dynamic_update_slice: simple("dynamic_update_slice"),
};
