import { at, isFloat, range } from "../ir/shape.ts";
import { treeFlatten, treeUnflatten } from "../tree/index.ts";
import { leafOffsets, type Recorded } from "./record.ts";

/** Arguments by position: one number gives one tree, a list gives a list of trees. */
export type Selected<
  A extends readonly unknown[],
  N extends number | readonly number[],
> = N extends number ? A[N] : { -readonly [K in keyof N]: N[K] extends number ? A[N[K]] : never };

/** Which inputs of a recorded function are float leaves of the chosen arguments. */
export function differentiated(
  name: string,
  { captures, inputs }: Recorded,
  args: readonly unknown[],
  argnums: number | readonly number[],
): boolean[] {
  const positions = typeof argnums === "number" ? [argnums] : argnums;
  const offsets = leafOffsets(args);
  const chosen = inputs.map(() => false);
  for (const position of positions) {
    if (position < 0 || position >= args.length) {
      throw new Error(`${name}: argnums ${position} but the function got ${args.length} arguments`);
    }
    for (let i = at(offsets, position); i < at(offsets, position + 1); i++) {
      chosen[i] = isFloat(at(inputs, i).type.dtype);
    }
  }
  return [...captures.map(() => false), ...chosen];
}

/** The chosen arguments with `leaf(i)` in place of leaf number i of all arguments. */
export function select(
  args: readonly unknown[],
  argnums: number | readonly number[],
  leaf: (i: number) => unknown,
): unknown {
  const offsets = leafOffsets(args);
  const tree = (position: number): unknown => {
    const { treedef } = treeFlatten(args[position]);
    const start = at(offsets, position);
    return treeUnflatten(
      treedef,
      range(treedef.leafCount).map((i) => leaf(start + i)),
    );
  };
  return typeof argnums === "number" ? tree(argnums) : argnums.map(tree);
}
