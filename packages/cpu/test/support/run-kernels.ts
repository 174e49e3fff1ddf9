// Runs kernels outside of any graph: buffers in, buffers out. For tests of single kernels.
import { declareImports, type Signatures } from "../../src/kernel/imports.ts";
import { type Buffer, bufferBytes, type Kernel } from "../../src/kernel/kernel.ts";
import { CONSTANTS_SLOT, ConstantTable, type Place, writeKernel } from "../../src/kernel/write.ts";
import { ModuleBuilder } from "../../src/wasm/module.ts";

type Elements = Float32Array | Int32Array | Uint32Array | Uint8Array;

const PAGE = 65536;
const align = (n: number): number => Math.ceil(n / 64) * 64;

const view = (memory: WebAssembly.Memory, { dtype, size }: Buffer, at: number): Elements => {
  switch (dtype) {
    case "f32":
    case "f16":
      return new Float32Array(memory.buffer, at, size);
    case "i32":
      return new Int32Array(memory.buffer, at, size);
    case "u32":
      return new Uint32Array(memory.buffer, at, size);
    case "bool":
      return new Uint8Array(memory.buffer, at, size);
  }
};

/** The functions of the library instance that kernels may call. */
export interface TestLibrary {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly signatures: Signatures;
}

/**
 * Runs all chunks of the kernels, one kernel after another, and returns the contents of `read`.
 * Chunks run in the opposite of their order, so that a dependence of one on another shows. Memory
 * that nobody gave contents is filled with 0xCD; bytes behind each buffer are checked afterwards.
 */
export const runKernels = (
  kernels: readonly Kernel[],
  given: ReadonlyMap<Buffer, ArrayLike<number>>,
  read: readonly Buffer[],
  library?: TestLibrary,
): Elements[] => {
  const buffers = new Set<Buffer>([
    ...given.keys(),
    ...read,
    ...kernels.flatMap((k) => [...k.reads, ...k.writes]),
  ]);
  const module = new ModuleBuilder();
  module.importMemory({ shared: false, initial: 1, maximum: 65536 });
  const imports = declareImports(module, library?.signatures ?? {});
  const constants = new ConstantTable();
  const places = new Map<Buffer, Place>();
  for (const buffer of buffers) places.set(buffer, { slot: places.size + 1, offset: 0 });
  const placeOf = (buffer: Buffer): Place => {
    const place = places.get(buffer);
    if (place === undefined) throw new Error("a kernel uses a buffer that it does not list");
    return place;
  };
  kernels.forEach((kernel, i) => {
    const fn = writeKernel(kernel, { module, constants, placeOf, ...imports });
    module.exportFunction(`kernel${i}`, fn);
  });
  const words = constants.words;
  // Word 0 of memory stays unused, so that a forgotten address shows.
  const args = 64;
  let end = align(args + 4 * (buffers.size + 1));
  const tableAt = end;
  end = align(end + words.byteLength);
  const addresses = new Map<Buffer, number>();
  for (const buffer of buffers) {
    addresses.set(buffer, end);
    end = align(end + bufferBytes(buffer)) + 64;
  }
  const scratch = end;
  end += Math.max(0, ...kernels.map((k) => k.scratchBytes ?? 0)) + 64;
  const memory = new WebAssembly.Memory({ initial: Math.ceil(end / PAGE) + 1, maximum: 65536 });
  new Uint8Array(memory.buffer).fill(0xcd, tableAt);
  new Uint32Array(memory.buffer, tableAt, words.length).set(words);
  const table = new Uint32Array(memory.buffer, args, buffers.size + 1);
  table[CONSTANTS_SLOT] = tableAt;
  for (const [buffer, { slot }] of places) table[slot] = addresses.get(buffer) as number;
  for (const [buffer, values] of given) view(memory, buffer, addresses.get(buffer)!).set(values);
  const env = { memory };
  const products =
    library &&
    new WebAssembly.Instance(new WebAssembly.Module(library.bytes), { env, math: Math as never });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.build()), {
    env,
    math: Math as never,
    library: (products?.exports ?? {}) as never,
  });
  kernels.forEach((kernel, i) => {
    const run = instance.exports[`kernel${i}`] as (args: number, c: number, s: number) => void;
    for (let chunk = kernel.chunks - 1; chunk >= 0; chunk--) run(args, chunk, scratch);
  });
  for (const buffer of buffers) {
    const at = addresses.get(buffer)! + bufferBytes(buffer);
    const behind = new Uint8Array(memory.buffer, at, 64);
    if (!behind.every((byte) => byte === 0xcd)) {
      throw new Error(`a kernel wrote behind the end of ${buffer.dtype}[${buffer.size}]`);
    }
  }
  return read.map((buffer) => view(memory, buffer, addresses.get(buffer)!).slice());
};
