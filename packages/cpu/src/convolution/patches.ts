import { at } from "@layerwise/autodiff/executor";
import type { Allocator, Buffer, Kernel, KernelContext } from "../kernel/kernel.ts";
import { type Axis, advanceTo, mergeAxes, setEnd, stepsOf } from "../product/axes.ts";
import { matrixKernels } from "../product/matrix-product.ts";
import { multiplyScratch } from "../product/multiply.ts";
import type { Local } from "../wasm/locals.ts";
import { type Blocks, blocksOf, enterBlock } from "./blocks.ts";
import type { Contraction } from "./contraction.ts";
import { fill, type Steps } from "./fill.ts";
import { flatKernel } from "./flat-kernel.ts";
import { plainProduct } from "./plain-product.ts";
import { sumKernel } from "./sum.ts";

/** Floating-point operations of a chunk: about 40 µs. */
const CHUNK = 2e6;
/** Pixels from which packing the kernel costs little. */
const PIXELS = 96;
/** Elements of patches that stay in the L2 cache. */
const PATCHES = 65536;
const MAX_PARTS = 64;
const PART_ELEMENTS = 1 << 20;

const stride = (axis: Axis, array: number): number => at(axis.strides, array);

const loops = (blocks: Blocks, length: Local): Steps[] => [
  { count: length, bytes: 4 * stride(blocks.split, 0) },
  ...blocks.inner.map((axis) => ({ count: axis.size, bytes: 4 * stride(axis, 0) })),
];

/**
 * A contraction as products of matrices: elements of the input that belong to a block of pixels are
 * laid side by side in scratch memory and multiplied with the kernel. Blocks of a sum that is much
 * longer than there are pixels are added up apart.
 */
export const patchKernels = (c: Contraction, allocator: Allocator): readonly Kernel[] => {
  const summed = [...c.summed].sort((a, b) => stride(b, 0) - stride(a, 0));
  const flat = flatKernel(c, summed, allocator);
  const [wOffset, wGroup, wDepth, wFeature] = flat.w;
  const ordered = [...c.pixels]
    .filter(({ size }) => size > 1)
    .sort((a, b) => stride(b, 2) - stride(a, 2));
  const yFeature = stride(c.features, 2);
  // Where features are the neighbours in the result, pixels are the rows of the product.
  const rowsArePixels = yFeature === 1;
  const outside = rowsArePixels ? [] : ordered.filter((axis) => stride(axis, 2) > yFeature);
  const pixels = mergeAxes(ordered.slice(outside.length));
  // Only the input decides what can be merged: the kernel's summed axes are one.
  const taps = mergeAxes(
    summed.map(({ size, strides: [x] }) => ({ size, strides: [x as number] })),
  );
  const batch = mergeAxes([c.groups, ...outside]);
  const [depth, features, count] = [stepsOf(summed), c.features.size, stepsOf(pixels)];
  const batches = stepsOf(batch);
  const flops = 2 * depth * features * count;
  if (pixels.length <= 1 && taps.length <= 1) {
    const [pixel, tap] = [pixels[0]?.strides ?? [1, 0, 1], taps[0]?.strides[0] ?? 1];
    const product = plainProduct({ c, flat, outside, pixel, tap, count, depth, rowsArePixels });
    return [...flat.kernels, ...matrixKernels(product, allocator)];
  }
  const work = Math.max(CHUNK, (batches * flops) / 400);
  const wanted = Math.min(work / (2 * depth * features), (2 * PATCHES) / depth);
  const rows = blocksOf(pixels, Math.max(PIXELS, wanted));
  const depths = blocksOf(taps, Math.max(16, PATCHES / rows.steps));
  const outSize = c.out.size;
  const parts = Math.max(
    1,
    Math.min(
      depths.count,
      Math.ceil((batches * flops) / CHUNK / (rows.count * batches)),
      Math.floor(MAX_PARTS / (rows.count * batches)),
      Math.floor(PART_ELEMENTS / outSize),
    ),
  );
  const perPart = Math.ceil(depths.count / parts);
  const partCount = Math.ceil(depths.count / perPart);
  const target = partCount === 1 ? c.out : allocator.temporary("f32", partCount * outSize);
  const last = (blocks: Blocks): Axis => blocks.inner[blocks.inner.length - 1] ?? blocks.split;
  // The longer run of neighbours is copied at once.
  const [pixelRun, tapRun] = [last(rows), last(depths)];
  const byPixel =
    stride(tapRun, 0) === 1 && (stride(pixelRun, 0) !== 1 || tapRun.size >= pixelRun.size);
  const patchBytes = 4 * Math.ceil((rows.steps * depths.steps + 3) / 16) * 16;
  const packedBytes = 4 * Math.ceil((Math.max(rows.steps, features) * depths.steps) / 16) * 16;
  const inside = (blocks: Blocks): number => stepsOf(blocks.inner);

  const emit = (context: KernelContext): void => {
    const { code, chunk, scratch, address } = context;
    const local = (): Local => code.local("i32");
    const [index, x, w, y, at0, part, d, end] = [
      local(),
      local(),
      local(),
      local(),
      local(),
      local(),
      local(),
      local(),
    ];
    const [height, length, r, k, more, packed, free] = [
      local(),
      local(),
      local(),
      local(),
      local(),
      local(),
      local(),
    ];
    const start = (target: Local, buffer: Buffer, offset: number): void => {
      code
        .get(address(buffer))
        .i32(4 * offset)
        .op("i32.add")
        .set(target);
    };
    start(x, c.input, c.offsets[0]);
    start(w, flat.buffer, wOffset);
    start(y, target, c.offsets[2]);
    code.get(scratch).i32(patchBytes).op("i32.add").set(packed);
    code.get(packed).i32(packedBytes).op("i32.add").set(free);
    // chunk = (batch · parts + part) · blocks of pixels + block
    code.get(chunk).i32(rows.count).op("i32.rem_u").set(index);
    enterBlock(code, rows, index, height, [x, undefined, y]);
    code.get(height).i32(inside(rows)).op("i32.mul").set(r);
    code.get(chunk).i32(rows.count).op("i32.div_u").tee(index);
    code.i32(partCount).op("i32.rem_u").set(part);
    code.get(index).i32(partCount).op("i32.div_u").set(index);
    const wBatch = mergeAxes(
      [c.groups, ...outside].map((axis, i) => ({
        size: axis.size,
        strides: [stride(axis, 0), i === 0 ? wGroup : 0, stride(axis, 2)],
      })),
    );
    advanceTo(code, wBatch, index, [x, w, y]);
    code
      .get(y)
      .get(part)
      .i32(4 * outSize)
      .op("i32.mul")
      .op("i32.add")
      .set(y);
    code.get(part).i32(perPart).op("i32.mul").set(d);
    setEnd(code, end, d, perPart, depths.count);
    code.get(w).get(d).i32(depths.ranges).op("i32.div_u");
    code.i32(4 * wDepth * depths.split.size * inside(depths)).op("i32.mul");
    code.get(d).i32(depths.ranges).op("i32.rem_u");
    code.i32(4 * wDepth * depths.range * inside(depths)).op("i32.mul");
    code.op("i32.add").op("i32.add").set(w);
    code.i32(0).set(more);
    code.forUntil(d, end, 1, () => {
      code.get(x).set(at0);
      enterBlock(code, depths, d, length, [at0]);
      code.get(length).i32(inside(depths)).op("i32.mul").set(k);
      const [pixelLoops, tapLoops] = [loops(rows, height), loops(depths, length)];
      fill(
        code,
        scratch,
        at0,
        byPixel ? [...pixelLoops, ...tapLoops] : [...tapLoops, ...pixelLoops],
      );
      // Bytes between pixels, then between summed elements.
      const pixelBytes = (): void => {
        if (byPixel) code.get(k).i32(2).op("i32.shl");
        else code.i32(4);
      };
      const tapBytes = (): void => {
        if (byPixel) code.i32(4);
        else code.get(r).i32(2).op("i32.shl");
      };
      code.get(packed);
      if (rowsArePixels) {
        code.get(scratch).get(r).get(k);
        pixelBytes();
        tapBytes();
      } else
        code
          .get(w)
          .i32(features)
          .get(k)
          .i32(4 * wFeature)
          .i32(4 * wDepth);
      code.call(context.library("pack"));
      code.get(y);
      if (rowsArePixels) {
        code
          .i32(4 * (pixels[pixels.length - 1]?.strides[2] ?? 1))
          .get(packed)
          .get(r)
          .get(k);
        code
          .get(w)
          .i32(4 * wDepth)
          .i32(4 * wFeature)
          .i32(features);
      } else {
        code
          .i32(4 * yFeature)
          .get(packed)
          .i32(features)
          .get(k)
          .get(scratch);
        tapBytes();
        pixelBytes();
        code.get(r);
      }
      code.get(free).get(more).call(context.library("multiply"));
      code.i32(1).set(more);
      code
        .get(w)
        .get(k)
        .i32(4 * wDepth)
        .op("i32.mul")
        .op("i32.add")
        .set(w);
    });
  };
  const main: Kernel = {
    name: "convolution",
    reads: [c.input, flat.buffer],
    writes: [target],
    chunks: batches * rows.count * partCount,
    cost: (batches * flops) / 45 + batches * count * depth,
    scratchBytes: patchBytes + packedBytes + multiplyScratch(depths.steps),
    emit,
  };
  return [...flat.kernels, main, ...(partCount === 1 ? [] : [sumKernel(target, partCount, c.out)])];
};
