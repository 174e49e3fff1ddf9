import { bufferBytes } from "../kernel/kernel.ts";
import { INPUT_SLOT, type Plan, type ScanItem, sliceBytes } from "../plan/item.ts";
import type { Local } from "../wasm/locals.ts";
import {
  argumentBytes,
  type Frame,
  pushAddress,
  storeCommonWords,
  storeWord,
} from "./arguments.ts";

/** Writes a loop over the slices; `callBody` calls the body's code. */
export const writeScan = (
  frame: Frame,
  item: ScanItem,
  callBody: (block: Local, scratch: Local) => void,
): void => {
  const { code, scratch } = frame;
  const { body, length, reverse, constants, carries, slices, stacked } = item;
  if (length === 0) {
    for (const { initial, result } of carries) {
      pushAddress(frame, result);
      pushAddress(frame, initial);
      code.i32(bufferBytes(result)).memoryCopy();
    }
    return;
  }
  const block = scratch;
  const inner = code.local("i32");
  const i = code.local("i32");
  const index = code.local("i32");
  code.get(scratch).i32(argumentBytes(body)).op("i32.add").set(inner);
  storeCommonWords(frame, block, item.arena);
  constants.forEach((buffer, n) => {
    storeWord(code, block, INPUT_SLOT + n, () => pushAddress(frame, buffer));
  });
  const firstCarry = INPUT_SLOT + constants.length;
  const firstSlice = firstCarry + carries.length;
  const firstOutput = INPUT_SLOT + body.inputs.length;
  // Carries alternate between two buffers so that the last step writes the result.
  const alternate = (n: number, remaining: () => void): void => {
    const { result, other } = carries[n] as ScanItem["carries"][number];
    pushAddress(frame, other);
    pushAddress(frame, result);
    remaining();
    code.i32(1).op("i32.and").op("select");
  };
  const advance = (base: () => void, bytes: number): void => {
    base();
    code.get(index).i32(bytes).op("i32.mul").op("i32.add");
  };
  code.i32(0).set(i);
  code.forUntil(i, length, 1, () => {
    if (reverse)
      code
        .i32(length - 1)
        .get(i)
        .op("i32.sub")
        .set(index);
    else code.get(i).set(index);
    carries.forEach(({ initial }, n) => {
      storeWord(code, block, firstCarry + n, () => {
        pushAddress(frame, initial);
        alternate(n, () => code.i32(length).get(i).op("i32.sub"));
        code.get(i).op("i32.eqz").op("select");
      });
      storeWord(code, block, firstOutput + n, () => {
        alternate(n, () =>
          code
            .i32(length - 1)
            .get(i)
            .op("i32.sub"),
        );
      });
    });
    slices.forEach((buffer, n) => {
      const bytes = sliceBytes(buffer, length);
      storeWord(code, block, firstSlice + n, () =>
        advance(() => pushAddress(frame, buffer), bytes),
      );
    });
    stacked.forEach((buffer, n) => {
      const bytes = sliceBytes(buffer, length);
      storeWord(code, block, firstOutput + carries.length + n, () =>
        advance(() => pushAddress(frame, buffer), bytes),
      );
    });
    callBody(block, inner);
  });
  code.release(inner, i, index);
};

/** Scratch memory of a scan: the body's arguments, then what the body needs. */
export const scanScratch = (body: Plan, bodyScratch: number): number =>
  argumentBytes(body) + bodyScratch;
