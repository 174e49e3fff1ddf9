import {
  at,
  type Node,
  type NodeOf,
  range,
  type Shape,
  type Value,
} from "@layerwise/autodiff/executor";
import type { Buffer, Kernel } from "../kernel/kernel.ts";
import type { LaneOp } from "../lane/lane.ts";
import { foldKernels } from "../loop/fold.ts";
import type { Access, Fold, Operand, Step, Store } from "../loop/loop.ts";
import { mapKernel } from "../loop/map.ts";
import type { Buffers } from "./buffers.ts";
import { isLane } from "./lane-nodes.ts";
import type { Unit } from "./units.ts";
import { contiguousStrides, isSplat, isWhole, reshapeStrides, type View } from "./view.ts";

/** What turns units into loops needs to know of the whole graph. */
export interface LoopContext {
  readonly views: ReadonlyMap<Value, View>;
  readonly buffers: Buffers;
  /** Whether somebody outside of its unit reads a value. */
  isStored(value: Value): boolean;
}

/** Collects the steps of one loop; equal loads and constants become one. */
class Steps {
  readonly list: Step[] = [];
  readonly #known = new Map<string, Operand>();
  readonly #buffers = new Map<Buffer, number>();

  add(step: Step): number {
    this.list.push(step);
    return this.list.length - 1;
  }

  #once(key: string, make: () => Step): Operand {
    const known = this.#known.get(key) ?? { step: this.add(make()), output: 0 };
    this.#known.set(key, known);
    return known;
  }

  /** Reads a view whose strides are those of the loop's axes. */
  read(view: View, strides: readonly number[], buffers: Buffers): Operand {
    const { root, offset } = view;
    const { dtype } = root.type;
    const { producer } = root;
    if (producer?.op === "constant" && isSplat(root)) {
      const value = at(Array.from(producer.attrs.data), 0);
      const shown = Object.is(value, -0) ? "-0" : `${value}`;
      return this.#once(`c${dtype}${shown}`, () => ({ kind: "constant", dtype, value }));
    }
    const place = `${dtype}${offset}:${strides}`;
    if (producer?.op === "iota") {
      return this.#once(`i${place}`, () => ({ kind: "index", dtype, offset, strides }));
    }
    const buffer = buffers.of(root);
    const id = this.#buffers.get(buffer) ?? this.#buffers.size;
    this.#buffers.set(buffer, id);
    return this.#once(`l${id}:${place}`, () => ({
      kind: "load",
      dtype,
      access: { buffer, offset, strides },
    }));
  }
}

/** The axes of `sizes`, a finer cut of `shape`, that make up the given axes of `shape`. */
const finerAxes = (shape: Shape, dimensions: readonly number[], sizes: Shape): number[] => {
  if (shape.includes(0)) return [...dimensions];
  const axes: number[] = [];
  let next = 0;
  shape.forEach((size, dimension) => {
    for (let product = 1; product !== size; next++) {
      product *= at(sizes, next);
      if (dimensions.includes(dimension)) axes.push(next);
    }
  });
  return axes;
};

const isReduce = (node: Node): node is NodeOf<"reduce"> => node.op === "reduce";

/** The kernels of a unit that is a loop. */
export const loopKernels = (unit: Unit, context: LoopContext): readonly Kernel[] => {
  const { views, buffers } = context;
  const sizes = unit.sizes as Shape;
  const reduces = unit.nodes.filter(isReduce);
  const [first] = reduces;
  const folded =
    first === undefined
      ? []
      : finerAxes(at(first.inputs, 0).type.shape, first.attrs.dimensions, sizes);
  const keptAxes = range(sizes.length).filter((axis) => !folded.includes(axis));
  const order = [...keptAxes, ...folded];
  const arrange = (strides: readonly number[]): number[] => order.map((axis) => at(strides, axis));

  const steps = new Steps();
  const results = new Map<Value, Operand>();
  const stores: Store[] = [];
  const stridesOf = ({ shape, strides }: View): number[] =>
    arrange(reshapeStrides(shape, strides, sizes) as number[]);
  const operandOf = (v: Value): Operand => {
    const view = views.get(v) as View;
    const shared = isWhole(view) ? results.get(view.root) : undefined;
    return shared ?? steps.read(view, stridesOf(view), buffers);
  };
  const everywhere = sizes.map(() => 0);
  // threefry's key is two words, read as two scalars.
  const wordsOf = (key: Value): Operand[] => {
    const view = views.get(key) as View;
    return [0, 1].map((i) => {
      const offset = view.offset + i * (view.strides[0] ?? 0);
      return steps.read({ ...view, offset }, everywhere, buffers);
    });
  };
  for (const node of unit.nodes) {
    if (!isLane(node)) continue;
    const [key, ...rest] = node.inputs;
    const inputs =
      node.op === "threefry2x32"
        ? [...wordsOf(key as Value), ...rest.map(operandOf)]
        : node.inputs.map(operandOf);
    const { dtype } = at(node.outputs, 0).type;
    const step = { kind: "op", op: node.op as LaneOp, attrs: node.attrs, dtype, inputs } as Step;
    const index = steps.add(step);
    node.outputs.forEach((value, output) => {
      results.set(value, { step: index, output });
      if (!context.isStored(value)) return;
      const strides = arrange(contiguousStrides(sizes));
      const access: Access = { buffer: buffers.of(value), offset: 0, strides };
      stores.push({ value: { step: index, output }, access });
    });
  }
  const name = nameOf(unit);
  const arranged = arrange(sizes);
  if (reduces.length === 0)
    return [mapKernel({ sizes: arranged, steps: steps.list, stores }, name)];
  const keptStrides = contiguousStrides(keptAxes.map((axis) => at(sizes, axis)));
  const folds = reduces.map(({ inputs, attrs, outputs }): Fold => {
    const strides = [...keptStrides, ...folded.map(() => 0)];
    const access = { buffer: buffers.of(at(outputs, 0)), offset: 0, strides };
    return { value: operandOf(at(inputs, 0)), monoid: attrs.monoid, access };
  });
  const loop = { sizes: arranged, kept: keptAxes.length, steps: steps.list, stores, folds };
  return foldKernels(loop, name, (dtype, size) => buffers.make(dtype, size));
};

const nameOf = ({ nodes }: Unit): string => {
  const ops = [...new Set(nodes.map(({ op }) => op))];
  return ops.length > 6 ? `${ops.slice(0, 6).join(" ")} …` : ops.join(" ");
};

/**
 * Copies a view to a place in a buffer: `offset` and one stride per axis of the view, by default the
 * whole buffer without gaps.
 */
export const copyKernel = (
  view: View,
  buffer: Buffer,
  buffers: Buffers,
  place: { readonly offset: number; readonly strides: readonly number[] } = {
    offset: 0,
    strides: contiguousStrides(view.shape),
  },
): Kernel => {
  const steps = new Steps();
  const value = steps.read(view, view.strides, buffers);
  const store: Store = { value, access: { buffer, ...place } };
  return mapKernel({ sizes: view.shape, steps: steps.list, stores: [store] }, "copy");
};
