import { Code } from "../wasm/code.ts";
import type { Local } from "../wasm/locals.ts";
import { advance, countDown } from "./tile.ts";

/** Stores the first `lanes` elements of a vector. */
const storeLanes = (code: Code, address: Local, v: Local, lanes: number, offset: number): void => {
  if (lanes === 4) {
    code.get(address).get(v).memory("v128.store", offset);
    return;
  }
  if (lanes >= 2) code.get(address).get(v).laneMemory("v128.store64_lane", 0, offset);
  if (lanes % 2 === 1) {
    const last = lanes - 1;
    code
      .get(address)
      .get(v)
      .laneMemory("v128.store32_lane", last, offset + 4 * last);
  }
};

/** Emits the transposition of the 4 × 4 elements in four vectors. */
const transpose = (code: Code, v: readonly Local[]): void => {
  const [v0, v1, v2, v3] = v as [Local, Local, Local, Local];
  const [t0, t1] = [code.local("v128"), code.local("v128")];
  const low = (a: Local, b: Local) => code.get(a).get(b).shuffle32(0, 4, 1, 5);
  const high = (a: Local, b: Local) => code.get(a).get(b).shuffle32(2, 6, 3, 7);
  low(v0, v1).set(t0);
  high(v0, v1).set(t1);
  low(v2, v3).set(v0);
  high(v2, v3).set(v3);
  // t0 = a0 b0 a1 b1, v0 = c0 d0 c1 d1, t1 = a2 b2 a3 b3, v3 = c2 d2 c3 d3
  code.get(t0).get(v0).shuffle32(2, 3, 6, 7).set(v1);
  code.get(t0).get(v0).shuffle32(0, 1, 4, 5).set(v0);
  code.get(t1).get(v3).shuffle32(0, 1, 4, 5).set(v2);
  code.get(t1).get(v3).shuffle32(2, 3, 6, 7).set(v3);
  code.release(t0, t1);
};

/**
 * The function (to, from, lines, depth, bytes between lines, bytes between elements of a line) → ()
 * that writes `width` lines next to each other: element k of line i to place k·width + i. Lines
 * from `lines` on repeat others or hold whatever lies behind; their products are never looked at.
 */
export const interleaveFunction = (width: number): Code => {
  const code = new Code(["i32", "i32", "i32", "i32", "i32", "i32"]);
  const [to, from, lines, depth, lineStride, stride] = code.params as unknown as Local[] &
    [Local, Local, Local, Local, Local, Local];
  const groups = Array.from({ length: Math.ceil(width / 4) }, (_, g) => Math.min(4, width - 4 * g));
  const v = Array.from({ length: 4 }, () => code.local("v128"));
  const lineAt = Array.from({ length: 4 }, () => code.local("i32"));
  const [count, target] = [code.local("i32"), code.local("i32")];

  const linesAreNeighbours = (): void => {
    countDown(code, depth, () => {
      groups.forEach((lanes, g) => {
        code
          .get(from)
          .memory("v128.load", 16 * g)
          .set(v[0] as Local);
        storeLanes(code, to, v[0] as Local, lanes, 16 * g);
      });
      advance(code, from, stride);
      advance(code, to, 4 * width);
    });
  };

  /** Sets the addresses of the lines of a group; those that do not exist are the last one. */
  const setLines = (g: number): void => {
    lineAt.forEach((p, i) => {
      const line = 4 * g + i;
      code.get(from).i32(line).get(lines).i32(1).op("i32.sub");
      code.i32(line).get(lines).op("i32.lt_u").op("select");
      code.get(lineStride).op("i32.mul").op("i32.add").set(p);
    });
  };

  const elementsAreNeighbours = (lanes: number, g: number): void => {
    const all = lineAt.slice(0, lanes);
    code.get(depth).i32(2).op("i32.shr_u").tee(count);
    code.if(() =>
      countDown(code, count, () => {
        lineAt.forEach((p, i) => {
          const used = i < lanes ? p : (all[lanes - 1] as Local);
          code
            .get(used)
            .memory("v128.load")
            .set(v[i] as Local);
        });
        for (const p of all) advance(code, p, 16);
        transpose(code, v);
        v.forEach((x, k) => {
          storeLanes(code, target, x, lanes, 4 * width * k + 16 * g);
        });
        advance(code, target, 16 * width);
      }),
    );
    code.get(depth).i32(3).op("i32.and").tee(count);
    code.if(() => countDown(code, count, () => oneElement(lanes, g)));
  };

  const oneElement = (lanes: number, g: number): void => {
    lineAt.slice(0, lanes).forEach((p, i) => {
      code
        .get(target)
        .get(p)
        .memory("f32.load")
        .memory("f32.store", 16 * g + 4 * i);
      advance(code, p, stride);
    });
    advance(code, target, 4 * width);
  };

  code.get(depth).op("i32.eqz");
  code.if(() => code.op("return"));
  code.get(lineStride).i32(4).op("i32.eq");
  code.if(linesAreNeighbours, () => {
    groups.forEach((lanes, g) => {
      setLines(g);
      code.get(to).set(target);
      code.get(stride).i32(4).op("i32.eq");
      code.if(
        () => elementsAreNeighbours(lanes, g),
        () => {
          code.get(depth).set(count);
          countDown(code, count, () => oneElement(lanes, g));
        },
      );
    });
  });
  return code;
};
