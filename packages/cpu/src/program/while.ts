import { bufferBytes } from "../kernel/kernel.ts";
import type { PlannedBuffer } from "../plan/buffers.ts";
import { INPUT_SLOT, type Plan, type WhileItem } from "../plan/item.ts";
import type { FunctionRef } from "../wasm/code.ts";
import type { Local } from "../wasm/locals.ts";
import {
  argumentBytes,
  type Frame,
  pushAddress,
  storeCommonWords,
  storeWord,
} from "./arguments.ts";

/** Writes a loop that asks the condition before every step. */
export const writeWhile = (
  frame: Frame,
  item: WhileItem,
  condition: FunctionRef,
  body: FunctionRef,
): void => {
  const { code, scratch } = frame;
  const { carries, answer } = item;
  const inner = code.local("i32");
  code.get(scratch).i32(blockBytes(item)).op("i32.add").set(inner);
  const current = carries.map(() => code.local("i32"));
  const next = carries.map(() => code.local("i32"));
  carries.forEach(({ initial, result, other }, n) => {
    pushAddress(frame, result);
    code.set(current[n] as Local);
    pushAddress(frame, other);
    code.set(next[n] as Local);
    code.get(current[n] as Local);
    pushAddress(frame, initial);
    code.i32(bufferBytes(result)).memoryCopy();
  });
  const call = (
    plan: Plan,
    fn: FunctionRef,
    constants: readonly PlannedBuffer[],
    pushOutputs: readonly (() => void)[],
  ): void => {
    storeCommonWords(frame, scratch, item.arena);
    constants.forEach((buffer, n) => {
      storeWord(code, scratch, INPUT_SLOT + n, () => pushAddress(frame, buffer));
    });
    current.forEach((local, n) => {
      storeWord(code, scratch, INPUT_SLOT + constants.length + n, () => code.get(local));
    });
    pushOutputs.forEach((push, n) => {
      storeWord(code, scratch, INPUT_SLOT + plan.inputs.length + n, push);
    });
    code.get(scratch).get(inner).call(fn);
  };
  code.block((done) => {
    code.loop((again) => {
      call(item.condition, condition, item.conditionConstants, [() => pushAddress(frame, answer)]);
      pushAddress(frame, answer);
      code.memory("i32.load8_u").op("i32.eqz").brIf(done);
      const outputs = next.map((local) => () => {
        code.get(local);
      });
      call(item.body, body, item.bodyConstants, outputs);
      current.forEach((local, n) => {
        const other = next[n] as Local;
        code.get(local).get(other).set(local).set(other);
      });
      code.br(again);
    });
  });
  carries.forEach(({ result }, n) => {
    const local = current[n] as Local;
    pushAddress(frame, result);
    code
      .get(local)
      .op("i32.ne")
      .if(() => {
        pushAddress(frame, result);
        code.get(local).i32(bufferBytes(result)).memoryCopy();
      });
  });
  code.release(inner, ...current, ...next);
};

const blockBytes = ({ condition, body }: WhileItem): number =>
  Math.max(argumentBytes(condition), argumentBytes(body));

/** Scratch memory of a while loop: arguments of condition or body, then what those need. */
export const whileScratch = (item: WhileItem, innerScratch: number): number =>
  blockBytes(item) + innerScratch;
