import { Code } from "../wasm/code.ts";
import type { Local } from "../wasm/locals.ts";
import { advance, countDown, multiplyAdd } from "./tile.ts";

const ZERO = new Uint8Array(16);

const locals = (code: Code, type: "v128" | "i32", n: number): Local[] =>
  Array.from({ length: n }, () => code.local(type));

/** `while (left >= width) { body; left -= width }`. */
const whileAtLeast = (code: Code, left: Local, width: number, body: () => void): void => {
  code.get(left).i32(width).op("i32.ge_u");
  code.if(() => {
    code.loop((again) => {
      body();
      code.get(left).i32(width).op("i32.sub").tee(left);
      code.i32(width).op("i32.ge_u").brIf(again);
    });
  });
};

/**
 * The function (y, a, bytes between rows of a, x, depth, rows) → () for y = a·x where the elements
 * of a row are neighbours. Each row is summed in the same order whatever rows stand beside it.
 */
export const rowDotsFunction = (fma: boolean): Code => {
  const code = new Code(["i32", "i32", "i32", "i32", "i32", "i32"]);
  const [y, a, rowStride, x, depth, rows] = code.params as unknown as Local[] &
    [Local, Local, Local, Local, Local, Local];
  const [x0, x1, v] = locals(code, "v128", 3) as [Local, Local, Local];
  const sums = locals(code, "v128", 8);
  const at = locals(code, "i32", 4);
  const [xAt, count] = locals(code, "i32", 2) as [Local, Local];
  const rest = Array.from({ length: 4 }, () => code.local("f32"));
  const block = (n: number): void => {
    at.slice(0, n).forEach((p, r) => {
      if (r === 0) code.get(a).set(p);
      else
        code
          .get(at[r - 1] as Local)
          .get(rowStride)
          .op("i32.add")
          .set(p);
    });
    code
      .get(at[n - 1] as Local)
      .get(rowStride)
      .op("i32.add")
      .set(a);
    for (const s of sums.slice(0, 2 * n)) code.v128(ZERO).set(s);
    for (const s of rest.slice(0, n)) code.f32(0).set(s);
    code.get(x).set(xAt);
    code.get(depth).i32(3).op("i32.shr_u").tee(count);
    code.if(() =>
      countDown(code, count, () => {
        code.get(xAt).memory("v128.load").set(x0);
        code.get(xAt).memory("v128.load", 16).set(x1);
        advance(code, xAt, 32);
        at.slice(0, n).forEach((p, r) => {
          [x0, x1].forEach((xs, i) => {
            const sum = sums[2 * r + i] as Local;
            code
              .get(p)
              .memory("v128.load", 16 * i)
              .set(v);
            multiplyAdd(code, fma, v, xs, sum).set(sum);
          });
          advance(code, p, 32);
        });
      }),
    );
    code.get(depth).i32(7).op("i32.and").tee(count);
    code.if(() =>
      countDown(code, count, () => {
        at.slice(0, n).forEach((p, r) => {
          const sum = rest[r] as Local;
          code.get(sum).get(p).memory("f32.load").get(xAt).memory("f32.load");
          code.op("f32.mul").op("f32.add").set(sum);
          advance(code, p, 4);
        });
        advance(code, xAt, 4);
      }),
    );
    for (let r = 0; r < n; r++) {
      const [low, high] = [sums[2 * r] as Local, sums[2 * r + 1] as Local];
      code.get(low).get(high).op("f32x4.add").set(low);
      code.get(low).get(low).get(low).shuffle32(2, 3, 2, 3).op("f32x4.add").set(low);
      code.get(y).get(low).lane("f32x4.extract_lane", 0).get(low).lane("f32x4.extract_lane", 1);
      code
        .op("f32.add")
        .get(rest[r] as Local)
        .op("f32.add")
        .memory("f32.store", 4 * r);
    }
    advance(code, y, 4 * n);
  };
  whileAtLeast(code, rows, 4, () => block(4));
  whileAtLeast(code, rows, 1, () => block(1));
  return code;
};

/**
 * The function (y, a, bytes between columns of a, x, depth, rows) → () for y = a·x where the
 * elements of a column are neighbours.
 */
export const columnSumsFunction = (fma: boolean): Code => {
  const code = new Code(["i32", "i32", "i32", "i32", "i32", "i32"]);
  const [y, a, stride, x, depth, rows] = code.params as unknown as Local[] &
    [Local, Local, Local, Local, Local, Local];
  const sums = locals(code, "v128", 12);
  const [splat, v] = locals(code, "v128", 2) as [Local, Local];
  const [at, xAt, count] = locals(code, "i32", 3) as [Local, Local, Local];
  const block = (used: readonly Local[], store: () => void): void => {
    for (const s of used) code.v128(ZERO).set(s);
    code.get(a).set(at);
    code.get(x).set(xAt);
    code.get(depth).tee(count);
    code.if(() =>
      countDown(code, count, () => {
        code.get(xAt).memory("v128.load32_splat").set(splat);
        used.forEach((s, i) => {
          code
            .get(at)
            .memory("v128.load", 16 * i)
            .set(v);
          multiplyAdd(code, fma, splat, v, s).set(s);
        });
        advance(code, xAt, 4);
        advance(code, at, stride);
      }),
    );
    store();
    advance(code, a, 16 * used.length);
    advance(code, y, 16 * used.length);
  };
  for (const vectors of [12, 4, 1]) {
    const used = sums.slice(0, vectors);
    whileAtLeast(code, rows, 4 * vectors, () =>
      block(used, () =>
        used.forEach((s, i) => {
          code
            .get(y)
            .get(s)
            .memory("v128.store", 16 * i);
        }),
      ),
    );
  }
  const last = sums[0] as Local;
  code.get(rows);
  code.if(() =>
    block([last], () => {
      code.get(y).get(last).lane("f32x4.extract_lane", 0).memory("f32.store");
      for (const lane of [1, 2]) {
        code.get(rows).i32(lane).op("i32.gt_u");
        code.if(() =>
          code
            .get(y)
            .get(last)
            .lane("f32x4.extract_lane", lane)
            .memory("f32.store", 4 * lane),
        );
      }
    }),
  );
  return code;
};
