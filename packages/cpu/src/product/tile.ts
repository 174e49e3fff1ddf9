import { Code } from "../wasm/code.ts";
import type { Local } from "../wasm/locals.ts";

/** The block of the result that stays in registers. */
export interface Tile {
  readonly rows: number;
  /** A multiple of 4. */
  readonly columns: number;
}

/** Pushes a·b + c for vectors; the rounding between depends on the engine's instruction. */
export const multiplyAdd = (code: Code, fma: boolean, a: Local, b: Local, c: Local): Code =>
  fma
    ? code.get(a).get(b).get(c).op("f32x4.relaxed_madd")
    : code.get(a).get(b).op("f32x4.mul").get(c).op("f32x4.add");

/** `do body while (--count)`, for counts above 0. */
export const countDown = (code: Code, count: Local, body: () => void): Code =>
  code.loop((again) => {
    body();
    code.get(count).i32(1).op("i32.sub").tee(count).brIf(again);
  });

/** Adds a number of bytes, constant or not, to an address. */
export const advance = (code: Code, address: Local, bytes: Local | number): Code => {
  code.get(address);
  if (typeof bytes === "number") code.i32(bytes);
  else code.get(bytes);
  return code.op("i32.add").set(address);
};

const UNROLLED = 4;

/**
 * The function (c, bytes between rows of c, a, b, bytes between rows of b, depth, panels,
 * accumulate) → () that multiplies `panels` packed panels of `tile.rows` rows of a with one panel
 * of b. Packed b has its rows next to each other; otherwise they are read in place. The order of
 * the instructions is what V8's register allocation needs: accumulators, the vectors of one row
 * of b and one element of a, at most 15 of them.
 */
export const tileFunction = (tile: Tile, fma: boolean, inPlace: boolean): Code => {
  const code = new Code(["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32"]);
  const [c, cStride, a, b, bStride, depth, panels, accumulate] = code.params as unknown as Local[] &
    [Local, Local, Local, Local, Local, Local, Local, Local];
  const { rows, columns } = tile;
  const width = columns / 4;
  const sums = Array.from({ length: rows }, () =>
    Array.from({ length: width }, () => code.local("v128")),
  );
  const vectors = Array.from({ length: width }, () => code.local("v128"));
  const splat = code.local("v128");
  const [at, row, count] = [code.local("i32"), code.local("i32"), code.local("i32")];

  const step = (u: number): void => {
    const offset = inPlace ? 0 : 4 * columns * u;
    vectors.forEach((v, i) => {
      code
        .get(at)
        .memory("v128.load", offset + 16 * i)
        .set(v);
    });
    if (inPlace) advance(code, at, bStride);
    sums.forEach((sum, r) => {
      code
        .get(a)
        .memory("v128.load32_splat", 4 * (u * rows + r))
        .set(splat);
      sum.forEach((s, i) => {
        multiplyAdd(code, fma, splat, vectors[i] as Local, s).set(s);
      });
    });
  };
  const steps = (unrolled: number): void => {
    for (let u = 0; u < unrolled; u++) step(u);
    advance(code, a, 4 * rows * unrolled);
    if (!inPlace) advance(code, at, 4 * columns * unrolled);
  };
  const eachRow = (body: (sum: readonly Local[], r: number) => void): void => {
    code.get(c).set(row);
    sums.forEach((sum, r) => {
      body(sum, r);
      advance(code, row, cStride);
    });
  };

  countDown(code, panels, () => {
    code.get(accumulate).if(
      () =>
        eachRow((sum) =>
          sum.forEach((s, i) => {
            code
              .get(row)
              .memory("v128.load", 16 * i)
              .set(s);
          }),
        ),
      () => {
        for (const s of sums.flat()) code.v128(new Uint8Array(16)).set(s);
      },
    );
    code.get(b).set(at);
    code.get(depth).i32(2).op("i32.shr_u").tee(count);
    code.if(() => countDown(code, count, () => steps(UNROLLED)));
    code
      .get(depth)
      .i32(UNROLLED - 1)
      .op("i32.and")
      .tee(count);
    code.if(() => countDown(code, count, () => steps(1)));
    eachRow((sum) =>
      sum.forEach((s, i) => {
        code
          .get(row)
          .get(s)
          .memory("v128.store", 16 * i);
      }),
    );
    code.get(row).set(c);
  });
  return code;
};
