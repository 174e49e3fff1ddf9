import type { Code } from "../wasm/code.ts";
import type { Local } from "../wasm/locals.ts";
import { advance } from "./walk.ts";

/** A pointer to elements that lie in a row, with the bytes of one. */
export interface RowPointer {
  readonly local: Local;
  readonly unit: number;
}

/**
 * Runs `body` for blocks of up to `vectors` vectors of a row of `count` elements. `body` gets the
 * number of elements in each of its vectors, 4 but for the row's last one, and finds the pointers
 * moved to the block; they stay behind the last whole block.
 */
export const columns = (
  code: Code,
  count: number,
  vectors: number,
  pointers: readonly RowPointer[],
  body: (lanes: readonly number[]) => void,
): void => {
  const width = 4 * vectors;
  const blocks = Math.floor(count / width);
  const rest = count % width;
  const whole = (): void => {
    body(new Array<number>(vectors).fill(4));
    for (const { local, unit } of pointers) advance(code, local, width * unit);
  };
  if (blocks === 1) whole();
  if (blocks > 1) {
    const left = code.local("i32");
    code.i32(blocks).set(left);
    code.loop((again) => {
      whole();
      code.get(left).i32(-1).op("i32.add").tee(left).brIf(again);
    });
    code.release(left);
  }
  if (rest === 0) return;
  body(Array.from({ length: Math.ceil(rest / 4) }, (_, i) => Math.min(4, rest - 4 * i)));
};
