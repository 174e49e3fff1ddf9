import type { Buffer, Kernel, KernelContext } from "../kernel/kernel.ts";
import { setEnd } from "../product/axes.ts";
import type { Local } from "../wasm/locals.ts";

const ELEMENTS_PER_CHUNK = 1 << 16;

/** Adds up the `count` parts of a buffer, one behind the other, in their order. */
export const sumKernel = (parts: Buffer, count: number, out: Buffer): Kernel => {
  const { size } = out;
  const perChunk = 4 * Math.ceil(ELEMENTS_PER_CHUNK / count / 4);
  const emit = ({ code, chunk, address }: KernelContext): void => {
    const local = (): Local => code.local("i32");
    const [i, end, from, n, last] = [local(), local(), local(), local(), local()];
    const sum = code.local("v128");
    const each = (load: "v128.load" | "v128.load32_zero", step: number): void => {
      code.forUntil(i, end, step, () => {
        code.get(address(parts)).get(i).op("i32.add").tee(from).memory(load).set(sum);
        code.i32(1).set(n);
        code.forUntil(n, count, 1, () => {
          code
            .get(from)
            .i32(4 * size)
            .op("i32.add")
            .tee(from)
            .memory(load);
          code.get(sum).op("f32x4.add").set(sum);
        });
        code.get(address(out)).get(i).op("i32.add").get(sum);
        if (step === 16) code.memory("v128.store");
        else code.laneMemory("v128.store32_lane", 0);
      });
    };
    code
      .get(chunk)
      .i32(4 * perChunk)
      .op("i32.mul")
      .set(i);
    setEnd(code, last, i, 4 * perChunk, 4 * size);
    code.get(last).i32(-16).op("i32.and").set(end);
    each("v128.load", 16);
    code.get(last).set(end);
    each("v128.load32_zero", 4);
  };
  return {
    name: "convolution: sum of parts",
    reads: [parts],
    writes: [out],
    chunks: Math.max(1, Math.ceil(size / perChunk)),
    cost: (parts.size + out.size) / 4,
    emit,
  };
};
