import type { Signatures } from "../kernel/imports.ts";
import type { FunctionRef } from "../wasm/code.ts";
import { features } from "../wasm/features.ts";
import { type MemoryImport, ModuleBuilder } from "../wasm/module.ts";
import { interleaveFunction } from "./interleave.ts";
import { columnSumsFunction, rowDotsFunction } from "./matrix-vector.ts";
import { multiplyFunction, packFunction } from "./multiply.ts";
import { type Tile, tileFunction } from "./tile.ts";
import { copyTileFunction } from "./tile-copy.ts";

/** The module of matrix products: its code and what it exports. */
export interface Library {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly signatures: Signatures;
}

/** How the products are computed. */
export interface ProductOptions {
  /** Multiply and add in one instruction. Default: where the engine can. */
  readonly fma?: boolean;
  /**
   * The block of the result in registers. Default 6 × 8 with, 5 × 8 without one instruction for
   * multiply and add; 5 × 16 suits V8's revectorizer, which makes one vector of two.
   */
  readonly tile?: Tile;
}

const words = (n: number): readonly "i32"[] => Array.from({ length: n }, () => "i32");

/** What kernels call; all arguments are i32, strides count bytes. */
export const PRODUCT_SIGNATURES: Signatures = {
  /** (to, from, rows, depth, row stride, depth stride): lays a block of rows out for `multiply`. */
  pack: { params: words(6), results: [] },
  /**
   * (c, c's row stride, packed a, rows, depth, b, b's depth stride, b's column stride, columns,
   * scratch, add): c = a·b, or c + a·b where `add` is not 0. No size may be 0.
   */
  multiply: { params: words(11), results: [] },
  /** (y, a, a's row stride, x, depth, rows): y = a·x for an a whose rows are contiguous. */
  row_dots: { params: words(6), results: [] },
  /** (y, a, a's column stride, x, depth, rows): the same for contiguous columns. */
  column_sums: { params: words(6), results: [] },
};

const write = (memory: MemoryImport, fma: boolean, tile: Tile): Uint8Array<ArrayBuffer> => {
  const module = new ModuleBuilder();
  module.importMemory(memory);
  const interleaves = new Map<number, FunctionRef>();
  const interleave = (width: number): FunctionRef => {
    const known = interleaves.get(width);
    if (known !== undefined) return known;
    const fn = module.add(interleaveFunction(width));
    interleaves.set(width, fn);
    return fn;
  };
  const tiles = (columns: number, inPlace: boolean): FunctionRef[] =>
    Array.from({ length: tile.rows }, (_, i) =>
      module.add(tileFunction({ rows: i + 1, columns }, fma, inPlace)),
    );
  const panels = Array.from({ length: tile.rows }, (_, i) => interleave(i + 1));
  const kinds = [4, tile.columns].map((columns) => ({
    columns,
    interleave: interleave(columns),
    tiles: tiles(columns, false),
  }));
  const copyTile = module.add(copyTileFunction());
  module.add(packFunction(panels), "pack");
  module.add(
    multiplyFunction({ tile, kinds, inPlace: tiles(tile.columns, true), copyTile }),
    "multiply",
  );
  module.add(rowDotsFunction(fma), "row_dots");
  module.add(columnSumsFunction(fma), "column_sums");
  return module.build();
};

const written = new Map<string, Library>();

/** The functions that matrix products are made of, as a module that imports `memory`. */
export const productLibrary = (memory: MemoryImport, options: ProductOptions = {}): Library => {
  const fma = options.fma ?? features().fma;
  const tile = options.tile ?? { rows: fma ? 6 : 5, columns: 8 };
  const key = JSON.stringify([memory.shared, memory.initial, memory.maximum, fma, tile]);
  const known = written.get(key);
  if (known !== undefined) return known;
  const library = { bytes: write(memory, fma, tile), signatures: PRODUCT_SIGNATURES };
  written.set(key, library);
  return library;
};
