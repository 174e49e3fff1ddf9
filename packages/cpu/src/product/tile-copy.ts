import { Code } from "../wasm/code.ts";
import type { Local } from "../wasm/locals.ts";
import { advance, countDown } from "./tile.ts";

/** The function (to, to's row stride, from, from's row stride, rows, columns) → () that copies a block. */
export const copyTileFunction = (): Code => {
  const code = new Code(["i32", "i32", "i32", "i32", "i32", "i32"]);
  const [to, toStride, from, fromStride, rows, columns] = code.params as unknown as Local[] &
    [Local, Local, Local, Local, Local, Local];
  const [source, target, count] = [code.local("i32"), code.local("i32"), code.local("i32")];
  countDown(code, rows, () => {
    code.get(to).set(target);
    code.get(from).set(source);
    code.get(columns).set(count);
    countDown(code, count, () => {
      code.get(target).get(source).memory("f32.load").memory("f32.store");
      advance(code, target, 4);
      advance(code, source, 4);
    });
    advance(code, to, toStride);
    advance(code, from, fromStride);
  });
  return code;
};
