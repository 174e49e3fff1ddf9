import { Code, type FunctionRef } from "../wasm/code.ts";
import type { Local } from "../wasm/locals.ts";
import type { Tile } from "./tile.ts";
import { advance } from "./tile.ts";

/** Products deeper than this are computed in pieces, so that a panel of b stays in the L1 cache. */
export const MAX_DEPTH = 1024;
/** Up to this many rows it does not pay to pack a b with contiguous rows. */
const IN_PLACE_ROWS = 24;
/** The widest tile; scratch memory is laid out for it. */
const WIDEST = 16;
const TILE_BYTES = 4 * 8 * WIDEST;

/** Bytes of scratch that `multiply` needs. */
export const multiplyScratch = (depth: number): number =>
  TILE_BYTES + 4 * WIDEST * (Math.min(depth, MAX_DEPTH) + 3);

/** The split of rows into panels of almost equal height, the higher ones first. */
interface Panels {
  readonly count: Local;
  readonly low: Local;
  /** Number of panels with one more row than `low`. */
  readonly high: Local;
}

const splitRows = (code: Code, rows: Local, most: number): Panels => {
  const [count, low, high] = [code.local("i32"), code.local("i32"), code.local("i32")];
  code
    .get(rows)
    .i32(most - 1)
    .op("i32.add")
    .i32(most)
    .op("i32.div_u")
    .set(count);
  code.get(rows).get(count).op("i32.div_u").set(low);
  code.get(rows).get(low).get(count).op("i32.mul").op("i32.sub").set(high);
  return { count, low, high };
};

/** Runs the body for pieces of the depth: almost equal ones, multiples of 4, at most MAX_DEPTH. */
const depthPieces = (code: Code, depth: Local, body: (k: Local, length: Local) => void): void => {
  const [k, piece, length] = [code.local("i32"), code.local("i32"), code.local("i32")];
  code.get(depth);
  code
    .get(depth)
    .i32(MAX_DEPTH - 1)
    .op("i32.add")
    .i32(MAX_DEPTH)
    .op("i32.div_u")
    .tee(piece);
  code.i32(1).op("i32.sub").op("i32.add").get(piece).op("i32.div_u");
  code.i32(3).op("i32.add").i32(-4).op("i32.and").set(piece);
  code.i32(0).set(k);
  code.loop((again) => {
    code.get(piece).get(depth).get(k).op("i32.sub");
    code.get(piece).get(depth).get(k).op("i32.sub").op("i32.lt_u").op("select").set(length);
    body(k, length);
    code.get(k).get(piece).op("i32.add").tee(k).get(depth).op("i32.lt_u").brIf(again);
  });
};

/** Calls function number `which` − 1 with the arguments. */
const dispatch = (
  code: Code,
  which: Local,
  functions: readonly FunctionRef[],
  args: () => void,
): void => {
  // Highest first: it is the usual one.
  const from = (i: number): void => {
    const call = (): void => {
      args();
      code.call(functions[i] as FunctionRef);
    };
    if (i === 0) call();
    else
      code
        .get(which)
        .i32(i + 1)
        .op("i32.eq")
        .if(call, () => from(i - 1));
  };
  from(functions.length - 1);
};

const heightOf = (code: Code, { low, high }: Panels, i: Local, height: Local): void => {
  code.get(low).get(i).get(high).op("i32.lt_u").op("i32.add").set(height);
};

/** Body of `pack`: [pieces of the depth] [panels] [depth] [rows of the panel]. */
export const packFunction = (interleaves: readonly FunctionRef[]): Code => {
  const code = new Code(["i32", "i32", "i32", "i32", "i32", "i32"]);
  const [to, from, rows, depth, rowStride, depthStride] = code.params as unknown as Local[] &
    [Local, Local, Local, Local, Local, Local];
  const panels = splitRows(code, rows, interleaves.length);
  const [i, height, at] = [code.local("i32"), code.local("i32"), code.local("i32")];
  depthPieces(code, depth, (k, length) => {
    code.get(from).get(k).get(depthStride).op("i32.mul").op("i32.add").set(at);
    code.i32(0).set(i);
    code.forUntil(i, panels.count, 1, () => {
      heightOf(code, panels, i, height);
      dispatch(code, height, interleaves, () => {
        for (const x of [to, at, height, length, rowStride, depthStride]) code.get(x);
      });
      code.get(to).get(height).get(length).op("i32.mul").i32(2).op("i32.shl").op("i32.add").set(to);
      code.get(at).get(height).get(rowStride).op("i32.mul").op("i32.add").set(at);
    });
  });
  return code;
};

interface Parts {
  readonly tile: Tile;
  /** Of packed panels of b: narrow ones and those of the tile's width. */
  readonly kinds: readonly {
    readonly columns: number;
    readonly interleave: FunctionRef;
    readonly tiles: readonly FunctionRef[];
  }[];
  readonly inPlace: readonly FunctionRef[];
  readonly copyTile: FunctionRef;
}

/** Body of `multiply` (see library.ts): a panel of columns at a time, so that it stays in the L1 cache. */
export const multiplyFunction = ({ tile, kinds, inPlace, copyTile }: Parts): Code => {
  const code = new Code(Array.from({ length: 11 }, () => "i32" as const));
  const [c, cStride, a, rows, depth, b, bDepth, bColumn, columns, scratch, add] =
    code.params as unknown as Local[] &
      [Local, Local, Local, Local, Local, Local, Local, Local, Local, Local, Local];
  const panels = splitRows(code, rows, tile.rows);
  const local = (): Local => code.local("i32");
  const [j, left, bAt, cAt, direct, packed] = [
    local(),
    local(),
    local(),
    local(),
    local(),
    local(),
  ];
  const [height, i, aAt, some, more] = [local(), local(), local(), local(), local()];

  /** The panels of both heights with a panel of b at `from`. */
  const wholePanels = (
    tiles: readonly FunctionRef[],
    from: Local,
    more: Local,
    length: Local,
  ): void => {
    code.get(a).set(aAt);
    const of = (count: Local): void => {
      code.get(count).if(() => {
        dispatch(code, height, tiles, () => {
          for (const x of [cAt, cStride, aAt, from, bDepth, length, count, more]) code.get(x);
        });
      });
    };
    code.get(panels.low).i32(1).op("i32.add").set(height);
    of(panels.high);
    code.get(panels.high).get(height).op("i32.mul").set(some);
    code.get(cAt).get(some).get(cStride).op("i32.mul").op("i32.add").set(cAt);
    code.get(aAt).get(some).get(length).op("i32.mul").i32(2).op("i32.shl").op("i32.add").set(aAt);
    code.get(panels.low).set(height);
    code.get(panels.count).get(panels.high).op("i32.sub").set(some);
    of(some);
  };

  /** The last columns: each tile is computed beside, and what belongs to c is copied. */
  const partPanels = (kind: Parts["kinds"][number], more: Local, length: Local): void => {
    code.get(packed).get(bAt).get(left).get(length).get(bColumn).get(bDepth).call(kind.interleave);
    code.get(a).set(aAt);
    code.i32(0).set(i);
    code.forUntil(i, panels.count, 1, () => {
      heightOf(code, panels, i, height);
      code.get(more).if(() => {
        code
          .get(scratch)
          .i32(4 * kind.columns)
          .get(cAt)
          .get(cStride)
          .get(height)
          .get(left);
        code.call(copyTile);
      });
      dispatch(code, height, kind.tiles, () => {
        code
          .get(scratch)
          .i32(4 * kind.columns)
          .get(aAt)
          .get(packed);
        code.i32(0).get(length).i32(1).get(more);
      });
      code
        .get(cAt)
        .get(cStride)
        .get(scratch)
        .i32(4 * kind.columns)
        .get(height)
        .get(left);
      code.call(copyTile);
      code.get(cAt).get(height).get(cStride).op("i32.mul").op("i32.add").set(cAt);
      code.get(aAt).get(height).get(length).op("i32.mul").i32(2).op("i32.shl").op("i32.add");
      code.set(aAt);
    });
  };

  const [narrow, wide] = kinds as readonly [Parts["kinds"][number], Parts["kinds"][number]];
  code.get(bColumn).i32(4).op("i32.eq").get(rows).i32(IN_PLACE_ROWS).op("i32.le_u");
  code.op("i32.and").set(direct);
  code.get(scratch).i32(TILE_BYTES).op("i32.add").set(packed);
  depthPieces(code, depth, (k, length) => {
    code.get(k).get(add).op("i32.or").set(more);
    code.i32(0).set(j);
    code.forUntil(j, columns, tile.columns, () => {
      code.get(columns).get(j).op("i32.sub").set(left);
      code.get(b).get(j).get(bColumn).op("i32.mul").op("i32.add");
      code.get(k).get(bDepth).op("i32.mul").op("i32.add").set(bAt);
      code.get(c).get(j).i32(2).op("i32.shl").op("i32.add").set(cAt);
      code.get(left).i32(tile.columns).op("i32.ge_u");
      code.if(
        () => {
          code.get(direct).if(
            () => wholePanels(inPlace, bAt, more, length),
            () => {
              code.get(packed).get(bAt).i32(tile.columns).get(length).get(bColumn).get(bDepth);
              code.call(wide.interleave);
              wholePanels(wide.tiles, packed, more, length);
            },
          );
        },
        () => {
          code.get(left).i32(narrow.columns).op("i32.le_u");
          code.if(
            () => partPanels(narrow, more, length),
            () => partPanels(wide, more, length),
          );
        },
      );
    });
    code.get(rows).get(length).op("i32.mul").i32(2).op("i32.shl").set(some);
    advance(code, a, some);
  });
  return code;
};
