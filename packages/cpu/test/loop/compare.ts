// Runs kernels and compares what they wrote with the reference.
import { expect } from "vitest";
import type { Buffer, Kernel } from "../../src/kernel/kernel.ts";
import type { FoldLoop, MapLoop } from "../../src/loop/loop.ts";
import { runKernels } from "../support/run-kernels.ts";
import { evaluateLoop } from "./reference.ts";

/** What memory that nobody wrote holds (see run-kernels). */
const UNTOUCHED = {
  f32: new Float32Array(Uint8Array.of(0xcd, 0xcd, 0xcd, 0xcd).buffer)[0]!,
  i32: 0xcdcdcdcd | 0,
  u32: 0xcdcdcdcd,
  bool: 0xcd,
};

/** Integers and bools must be exact; floats within `tolerance` of the value or of 1. */
export const expectLike = (
  loop: MapLoop | FoldLoop,
  kernels: readonly Kernel[],
  given: ReadonlyMap<Buffer, ArrayLike<number>>,
  tolerance = 2e-6,
): void => {
  const expected = evaluateLoop(loop, given);
  const buffers = [...expected.keys()];
  const actual = runKernels(kernels, given, buffers);
  buffers.forEach((buffer, b) => {
    const want = expected.get(buffer)!;
    const have = actual[b]!;
    const float = buffer.dtype === "f32";
    for (let i = 0; i < want.length; i++) {
      const x = want[i]!;
      const y = have[i]!;
      const untouched = y === UNTOUCHED[buffer.dtype as keyof typeof UNTOUCHED];
      if (Object.is(x, y) || x === y || (Number.isNaN(x) && untouched)) continue;
      if (float && Math.abs(x - y) <= tolerance * Math.max(1, Math.abs(x))) continue;
      expect.fail(`${buffer.dtype} element ${i} of ${want.length} is ${y}, not ${x}`);
    }
  });
};
