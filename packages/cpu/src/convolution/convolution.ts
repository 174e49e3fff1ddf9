import { at, type ConvAttrs, type NodeOf, sizeOf, type Value } from "@layerwise/autodiff/executor";
import { type Allocator, type Buffer, bufferBytes, type Kernel } from "../kernel/kernel.ts";
import { moveKernel } from "../product/copy.ts";
import { type Contraction, contractionsOf, type Placed, stridesOf } from "./contraction.ts";
import { directKernel } from "./direct.ts";
import { coverInput } from "./pad.ts";
import { patchKernels } from "./patches.ts";
import { type AxisPhase, combinations, phasesOf } from "./phases.ts";

const zeroKernel = (out: Buffer): Kernel => ({
  name: "convolution: nothing summed",
  reads: [],
  writes: [out],
  chunks: 1,
  cost: out.size / 4,
  emit: ({ code, address }) => {
    code.get(address(out)).i32(0).i32(bufferBytes(out)).memoryFill();
  },
});

/** Whether a product of matrices is too thin to be worth preparing. */
const thin = ({ groups, features, summed }: Contraction): boolean => {
  const depth = sizeOf(summed.map(({ size }) => size));
  return depth < 4 || (groups.size > 1 && (features.size < 4 || depth < 16));
};

/** An axis order's sizes and strides with those of the spatial axes replaced. */
const replaced = (
  list: readonly number[],
  axes: readonly number[],
  value: (old: number, i: number) => number,
): number[] => {
  const result = [...list];
  axes.forEach((axis, i) => {
    result[axis] = value(at(list, axis), i);
  });
  return result;
};

const lower = (
  attrs: ConvAttrs,
  x: Placed,
  w: Placed,
  y: Placed,
  allocator: Allocator,
): Kernel[] => {
  const contractions = contractionsOf(attrs, x, w, y);
  const float = y.buffer.dtype === "f32" || y.buffer.dtype === "f16";
  return contractions.flatMap((c) =>
    !float || thin(c) || contractions.length > 1 ? [directKernel(c)] : patchKernels(c, allocator),
  );
};

/** Kernels of a convolution with any attributes. */
export const convolutionKernels = (
  node: NodeOf<"convolution">,
  allocator: Allocator,
): readonly Kernel[] => {
  const { attrs } = node;
  const { dims } = attrs;
  const placed = (value: Value): Placed => {
    const { shape } = value.type;
    return { buffer: allocator.bufferOf(value), shape, strides: stridesOf(shape), offset: 0 };
  };
  const [x, w] = [placed(at(node.inputs, 0)), placed(at(node.inputs, 1))];
  const y = placed(at(node.outputs, 0));
  const out = y.buffer;
  if (out.dtype === "bool") throw new Error("convolution: bool has no sums");
  if (out.size === 0) return [];
  if (w.buffer.size === 0 || x.buffer.size === 0) return [zeroKernel(out)];
  const axes = attrs.strides.map((_, i) => phasesOf(attrs, i, w.shape, y.shape));
  const reaches = x.shape.map((_, axis) => axes[dims.lhsSpatial.indexOf(axis)]?.reach);
  const phases = combinations(axes.map((axis) => axis.phases));
  const busy = phases.filter((phase) => phase.every(({ taps }) => taps > 0));
  const idle = busy.length < phases.length ? [zeroKernel(out)] : [];
  if (busy.length === 0) return idle;
  const cover = coverInput(x.buffer, x.shape, reaches, allocator);
  const kernels = busy.flatMap((phase): Kernel[] => {
    const along = (i: number): AxisPhase => at(phase, i);
    const offset = (
      strides: readonly number[],
      places: readonly number[],
      of: (i: number) => number,
    ) => places.reduce((n, axis, i) => n + of(i) * at(strides, axis), 0);
    const strides = stridesOf(cover.shape);
    const input = {
      buffer: cover.buffer,
      shape: cover.shape,
      strides,
      offset: offset(
        strides,
        dims.lhsSpatial,
        (i) => along(i).start - at(cover.origin, at(dims.lhsSpatial, i)),
      ),
    };
    const kernel = {
      buffer: w.buffer,
      shape: replaced(w.shape, dims.rhsSpatial, (_, i) => along(i).taps),
      strides: replaced(w.strides, dims.rhsSpatial, (n, i) => n * along(i).tapStep),
      offset: offset(w.strides, dims.rhsSpatial, (i) => along(i).firstTap),
    };
    if (phase.every(({ outStep }) => outStep === 1))
      return lower(attrs, input, kernel, y, allocator);
    // Computed apart, without gaps, and then put into place.
    const shape = replaced(y.shape, dims.outSpatial, (_, i) => along(i).count);
    const dense = allocator.temporary(out.dtype, sizeOf(shape));
    const result = { buffer: dense, shape, strides: stridesOf(shape), offset: 0 };
    const places = replaced(y.strides, dims.outSpatial, (n, i) => n * along(i).outStep);
    const move = moveKernel({
      name: "convolution: interleave",
      source: dense,
      target: out,
      offsets: [0, offset(y.strides, dims.outSpatial, (i) => along(i).phase)],
      axes: shape.map((size, i) => ({ size, strides: [at(result.strides, i), at(places, i)] })),
    });
    return [...lower(attrs, input, kernel, result, allocator), move];
  });
  return [...idle, ...cover.kernels, ...kernels];
};
