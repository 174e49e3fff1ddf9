import { type NodeOf, sizeOf, type Value } from "@layerwise/autodiff/executor";
import { type Allocator, elementBytes, type Kernel } from "../kernel/kernel.ts";
import type { Local } from "../wasm/locals.ts";
import { accumulator } from "./accumulator.ts";
import { chunksFor, divide, equalPieces, rangeOf } from "./chunks.ts";
import { columns } from "./columns.ts";
import { loadVector, storeVector } from "./element.ts";
import { nest } from "./nest.ts";
import { walk } from "./walk.ts";

/** An array seen as [outer, n, inner] around one axis, the inner axis cut into equal pieces. */
export interface Line {
  readonly outer: number;
  readonly n: number;
  readonly pieces: number;
  /** Elements of a piece. */
  readonly width: number;
}

/** The lines along `dimension`, with pieces for chunks where the outer axes are too few. */
export const linesOf = (shape: readonly number[], dimension: number, cost: number): Line => {
  const outer = sizeOf(shape.slice(0, dimension));
  const inner = sizeOf(shape.slice(dimension + 1));
  const pieces = equalPieces(inner, 4, chunksFor(cost));
  return { outer, n: shape[dimension] as number, pieces, width: inner / pieces };
};

/** Inclusive scan along an axis: one vector holds neighbours along the inner axes. */
export const cumulativeKernels = (
  { inputs, attrs, outputs }: NodeOf<"cumulative">,
  allocator: Allocator,
): readonly Kernel[] => {
  const { monoid, dimension, reverse } = attrs;
  const { dtype, shape } = (inputs[0] as Value).type;
  const unit = elementBytes(dtype);
  const from = allocator.bufferOf(inputs[0] as Value);
  const to = allocator.bufferOf(outputs[0] as Value);
  const inner = sizeOf(shape.slice(dimension + 1));
  const cost = sizeOf(shape) * (inner < 4 ? 1 : 0.4);
  const { outer, n, pieces, width } = linesOf(shape, dimension, cost);
  const chunks = divide(outer * pieces, cost);
  const line = inner * unit;
  return [
    {
      name: `cumulative ${monoid}`,
      reads: [from],
      writes: [to],
      inPlace: [[to, from]],
      chunks: chunks.count,
      cost,
      emit: (context) => {
        if (sizeOf(shape) === 0) return;
        const { code } = context;
        const strides = [n * line, width * unit];
        const offset = reverse ? (n - 1) * line : 0;
        const walkers = [from, to].map((b) => ({ base: context.address(b), offset, strides }));
        const [source, target, vector] = [code.local("i32"), code.local("i32"), code.local("v128")];
        walk(code, [outer, pieces], rangeOf(context, chunks), walkers, (locals) => {
          code.get(locals[0] as Local).set(source);
          code.get(locals[1] as Local).set(target);
          const pointers = [source, target].map((local) => ({ local, unit }));
          columns(code, width, 4, pointers, (lanes) => {
            const sums = lanes.map((count) => accumulator(code, dtype, monoid, count, true));
            for (const sum of sums) sum.reset();
            const along = pointers.map(({ local }) => ({
              local,
              strides: [reverse ? -line : line],
            }));
            nest(code, [n], along, () => {
              sums.forEach((sum, i) => {
                loadVector(code.get(source), dtype, 4 * i * unit).set(vector);
                sum.fold(vector);
                sum.push();
                code.set(vector);
                storeVector(code, dtype, target, vector, lanes[i] as number, 4 * i * unit);
              });
            });
            for (const sum of sums) sum.release();
          });
        });
      },
    },
  ];
};
