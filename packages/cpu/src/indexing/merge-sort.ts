import type { Code } from "../wasm/code.ts";
import type { Local } from "../wasm/locals.ts";
import { advance } from "./walk.ts";

/** Runs of this many numbers are sorted by insertion first. */
const RUN = 8;
const BYTES = 8;

/**
 * Sorts `n` signed 64-bit numbers at `scratch`, with as much memory behind them. Returns a local
 * with the address of the result, which is one of the two halves.
 */
export const mergeSort = (code: Code, scratch: Local, n: number): Local => {
  const source = code.local("i32");
  code.get(scratch).set(source);
  insertionRuns(code, source, n);
  if (n <= RUN) return source;
  const [target, width, swap] = [code.local("i32"), code.local("i32"), code.local("i32")];
  code
    .get(scratch)
    .i32(BYTES * n)
    .op("i32.add")
    .set(target);
  code.i32(RUN * BYTES).set(width);
  code.loop((again) => {
    mergeAll(code, source, target, width, BYTES * n);
    code.get(source).set(swap).get(target).set(source).get(swap).set(target);
    code.get(width).i32(1).op("i32.shl").tee(width);
    code
      .i32(BYTES * n)
      .op("i32.lt_u")
      .brIf(again);
  });
  code.release(target, width, swap);
  return source;
};

/** Pushes the smaller of an address on the stack and `end`. */
const limit = (code: Code, end: Local): Code => {
  const address = code.local("i32");
  code.tee(address).get(end).get(address).get(end).op("i32.lt_u").op("select");
  code.release(address);
  return code;
};

const insertionRuns = (code: Code, source: Local, n: number): void => {
  const [low, high, p, q, end] = [0, 1, 2, 3, 4].map(() => code.local("i32")) as Five;
  const value = code.local("i64");
  code
    .get(source)
    .tee(low)
    .i32(BYTES * n)
    .op("i32.add")
    .set(end);
  code.forUntil(low, end, RUN * BYTES, () => {
    code
      .get(low)
      .i32(RUN * BYTES)
      .op("i32.add");
    limit(code, end).set(high);
    code.get(low).i32(BYTES).op("i32.add").set(p);
    code.forUntil(p, high, BYTES, () => {
      code.get(p).tee(q).memory("i64.load").set(value);
      code.block((done) => {
        code.loop((again) => {
          code.get(q).get(low).op("i32.le_u").brIf(done);
          code.get(q).i32(BYTES).op("i32.sub").memory("i64.load");
          code.get(value).op("i64.le_s").brIf(done);
          code.get(q).get(q).i32(BYTES).op("i32.sub").memory("i64.load").memory("i64.store");
          advance(code, q, -BYTES);
          code.br(again);
        });
      });
      code.get(q).get(value).memory("i64.store");
    });
  });
  code.release(low, high, p, q, end, value);
};

type Five = [Local, Local, Local, Local, Local];

/** Merges neighbouring sorted runs of `width` bytes. */
const mergeAll = (code: Code, source: Local, target: Local, width: Local, bytes: number): void => {
  const [a, b, d, middle, high] = [0, 1, 2, 3, 4].map(() => code.local("i32")) as Five;
  const [end, took] = [code.local("i32"), code.local("i32")];
  const [x, y] = [code.local("i64"), code.local("i64")];
  code.get(source).tee(a).i32(bytes).op("i32.add").set(end);
  code.get(target).set(d);
  code.block((done) => {
    code.loop((again) => {
      code.get(a).get(end).op("i32.ge_u").brIf(done);
      code.get(a).get(width).op("i32.add");
      limit(code, end).tee(middle).tee(b).get(width).op("i32.add");
      limit(code, end).set(high);
      // Without branches on the data: half of them would be predicted wrong.
      code.block((one) => {
        code.loop((more) => {
          code.get(a).get(middle).op("i32.ge_u").brIf(one);
          code.get(b).get(high).op("i32.ge_u").brIf(one);
          code.get(d).get(a).memory("i64.load").tee(x).get(b).memory("i64.load").tee(y);
          code.get(x).get(y).op("i64.lt_s").tee(took).op("select").memory("i64.store");
          code.get(a).get(took).i32(3).op("i32.shl").tee(took).op("i32.add").set(a);
          code.get(b).i32(BYTES).op("i32.add").get(took).op("i32.sub").set(b);
          advance(code, d, BYTES);
          code.br(more);
        });
      });
      for (const [p, last] of [
        [a, middle],
        [b, high],
      ] as const) {
        code.block((empty) => {
          code.loop((more) => {
            code.get(p).get(last).op("i32.ge_u").brIf(empty);
            code.get(d).get(p).memory("i64.load").memory("i64.store");
            advance(code, p, BYTES);
            advance(code, d, BYTES);
            code.br(more);
          });
        });
      }
      code.get(high).set(a).br(again);
    });
  });
  code.release(a, b, d, middle, high, end, took, x, y);
};
