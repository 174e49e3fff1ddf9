import {
  type Graph,
  type Node,
  range,
  type Shape,
  sizeOf,
  type Value,
} from "@layerwise/autodiff/executor";

/**
 * A value seen as places in another: element `offset + Σ index·stride` of `root`. For an iota that
 * sum is the element itself.
 */
export interface View {
  /** An input, a value that some kernel computes, a constant or an iota. */
  readonly root: Value;
  readonly shape: Shape;
  readonly offset: number;
  readonly strides: readonly number[];
}

/** Strides of an array without gaps. */
export const contiguousStrides = (shape: Shape): number[] => {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= shape[i] as number;
  }
  return strides;
};

/** Whether the elements stand one after another in memory. */
export const isContiguous = ({ shape, strides }: View): boolean => {
  const wanted = contiguousStrides(shape);
  return shape.some((d) => d === 0) || shape.every((d, i) => d === 1 || strides[i] === wanted[i]);
};

/** Whether the view has all elements of its root in their order: the root, perhaps in another shape. */
export const isWhole = (view: View): boolean =>
  view.offset === 0 &&
  sizeOf(view.shape) === sizeOf(view.root.type.shape) &&
  isContiguous(view) &&
  !isSplat(view.root);

/** The node of a constant with one number everywhere. */
export const isSplat = ({ producer }: Value): boolean =>
  producer?.op === "constant" && producer.attrs.data.length === 1;

/** Strides of the same elements in another shape, or undefined where no strides say it. */
export const reshapeStrides = (
  from: Shape,
  strides: readonly number[],
  to: Shape,
): number[] | undefined => {
  if (from.includes(0)) return to.map(() => 0);
  const axes = range(from.length).filter((i) => from[i] !== 1);
  const result = new Array<number>(to.length).fill(0);
  let next = 0;
  let i = 0;
  while (i < axes.length) {
    // The smallest runs of axes on both sides that hold the same number of elements.
    let old = from[axes[i] as number] as number;
    let made = 1;
    const first = i++;
    const start = next;
    while (made !== old) {
      if (made < old) {
        const size = to[next++];
        if (size === undefined) return undefined;
        made *= size;
      } else {
        const axis = axes[i++];
        if (axis === undefined) return undefined;
        old *= from[axis] as number;
      }
    }
    for (let j = first; j < i - 1; j++) {
      const outer = axes[j] as number;
      const inner = axes[j + 1] as number;
      if (strides[outer] !== (strides[inner] as number) * (from[inner] as number)) return undefined;
    }
    let stride = strides[axes[i - 1] as number] as number;
    for (let j = next - 1; j >= start; j--) {
      result[j] = stride;
      stride *= to[j] as number;
    }
  }
  return result;
};

const whole = (root: Value): View => {
  const { shape } = root.type;
  const { producer } = root;
  // Of an iota the place is the number itself: it needs no memory.
  const strides =
    producer?.op === "iota"
      ? shape.map((_, i) => (i === producer.attrs.dimension ? 1 : 0))
      : contiguousStrides(shape);
  return { root, shape, offset: 0, strides };
};

const derive = (node: Node, view: View): View | undefined => {
  const { root, offset, strides } = view;
  const shape = (node.outputs[0] as Value).type.shape;
  const stride = (axis: number): number => strides[axis] as number;
  switch (node.op) {
    case "broadcast_in_dim": {
      const result = new Array<number>(shape.length).fill(0);
      node.attrs.dimensions.forEach((to, from) => {
        result[to] = view.shape[from] === 1 && shape[to] !== 1 ? 0 : stride(from);
      });
      return { root, shape, offset, strides: result };
    }
    case "transpose":
      return { root, shape, offset, strides: node.attrs.permutation.map(stride) };
    case "reverse": {
      const turned = new Set(node.attrs.dimensions);
      const last = range(shape.length).filter((i) => turned.has(i) && shape[i] !== 0);
      const moved = last.reduce((sum, i) => sum + ((shape[i] as number) - 1) * stride(i), offset);
      const back = strides.map((s, i) => (turned.has(i) ? -s : s));
      return { root, shape, offset: moved, strides: back };
    }
    case "slice": {
      const { start, strides: steps } = node.attrs;
      const moved = start.reduce((sum, s, i) => sum + s * stride(i), offset);
      return { root, shape, offset: moved, strides: strides.map((s, i) => s * (steps[i] ?? 1)) };
    }
    case "reshape": {
      const result = reshapeStrides(view.shape, strides, shape);
      return result && { root, shape, offset, strides: result };
    }
    case "stop_gradient":
      return view;
    default:
      return undefined;
  }
};

/** Every value of a graph as a view of one that is computed. Derived views cost no kernel. */
export const viewsOf = (graph: Graph): ReadonlyMap<Value, View> => {
  const views = new Map<Value, View>(graph.inputs.map((v) => [v, whole(v)]));
  for (const node of graph.nodes) {
    const [operand] = node.inputs;
    const derived = operand && derive(node, views.get(operand) as View);
    for (const output of node.outputs) views.set(output, derived ?? whole(output));
  }
  return views;
};
