import {
  type Graph,
  type Node,
  type NodeOf,
  type Shape,
  sizeOf,
  type Value,
} from "@layerwise/autodiff/executor";
import { isLane } from "./lane-nodes.ts";
import { isWhole, type View } from "./view.ts";

/** Nodes that run as one piece: element-wise ones and reductions that share a loop, or one other node. */
export interface Unit {
  readonly nodes: readonly Node[];
  /** Sizes of the loop's axes, fine enough for the shapes of all nodes; undefined for other nodes. */
  readonly sizes: Shape | undefined;
}

// More would need more registers and compile time than sharing loads saves.
const MOST_NODES = 160;

class Group implements Unit {
  readonly nodes: Node[] = [];
  sizes: Shape | undefined;
  /** Axes that reductions in this loop fold, once there is one, as sizes to keep and fold. */
  folds: { readonly shape: Shape; readonly dimensions: readonly number[] } | undefined;
  first: number;
  last: number;

  constructor(sizes: Shape | undefined, index: number) {
    this.sizes = sizes;
    this.first = index;
    this.last = index;
  }
}

/** The axes into which both shapes can be cut, or undefined where they do not fit each other. */
export const refine = (a: Shape, b: Shape): Shape | undefined => {
  if (sizeOf(a) !== sizeOf(b)) return undefined;
  if (sizeOf(a) === 0) return a.join() === b.join() ? a : undefined;
  const products = (shape: Shape): number[] => {
    let product = 1;
    return [...shape].reverse().map((d) => {
      product *= d;
      return product;
    });
  };
  const cuts = [...new Set([...products(a), ...products(b)])].sort((x, y) => x - y);
  const sizes: number[] = [];
  let inner = 1;
  for (const cut of cuts) {
    if (cut % inner !== 0) return undefined;
    if (cut !== inner) sizes.push(cut / inner);
    inner = cut;
  }
  return sizes.reverse();
};

const sameFold = (group: Group, { inputs, attrs }: NodeOf<"reduce">): boolean => {
  const { folds } = group;
  const shape = (inputs[0] as Value).type.shape;
  return (
    folds === undefined ||
    (folds.shape.join() === shape.join() && folds.dimensions.join() === attrs.dimensions.join())
  );
};

/**
 * Puts nodes together that can share a loop, so that values between them never reach memory. Returns
 * the units in an order in which they can run.
 */
export const unitsOf = (graph: Graph, views: ReadonlyMap<Value, View>): readonly Unit[] => {
  const owner = new Map<Node, Group>();
  const viewOf = (v: Value): View => views.get(v) as View;
  const groupOf = (v: Value): Group | undefined => {
    const { producer } = viewOf(v).root;
    return producer && owner.get(producer);
  };
  /** The group whose loop has the operand's elements at the same places, if any. */
  const sharable = (v: Value): Group | undefined => {
    const view = viewOf(v);
    const { producer } = view.root;
    if (producer === undefined || !isLane(producer) || !isWhole(view)) return undefined;
    return owner.get(producer);
  };
  /** Groups that must be finished before the nodes can run, if they run together with `inside`. */
  const needed = (nodes: readonly Node[], inside: ReadonlySet<Group>): Group[] | undefined => {
    const outside: Group[] = [];
    for (const node of nodes) {
      for (const [i, v] of node.inputs.entries()) {
        const group = groupOf(v);
        if (group === undefined) continue;
        if (!inside.has(group)) outside.push(group);
        // The words of threefry's key are the same for all elements.
        else if (sharable(v) !== group || (node.op === "threefry2x32" && i === 0)) return undefined;
      }
    }
    return outside;
  };
  /** For each node the first node of the groups that have nodes both before it and from it on. */
  const earliest = graph.nodes.map((_, i) => i);
  const dependsOn = (starts: readonly Group[], targets: ReadonlySet<Group>): boolean => {
    let first = Math.min(...[...targets].map((g) => g.first));
    while ((earliest[first] as number) < first) first = earliest[first] as number;
    const seen = new Set<Group>();
    const stack = [...starts];
    for (let group = stack.pop(); group !== undefined; group = stack.pop()) {
      if (targets.has(group)) return true;
      // Nodes stand in order and no group has nodes on both sides of `first`: what ends before it
      // cannot need the targets.
      if (seen.has(group) || group.last < first) continue;
      seen.add(group);
      for (const node of group.nodes) {
        for (const v of node.inputs) {
          const next = groupOf(v);
          if (next !== undefined && next !== group) stack.push(next);
        }
      }
    }
    return false;
  };
  const mergeable = (
    nodes: readonly Node[],
    target: Group,
    also: readonly Group[] = [],
  ): boolean => {
    const inside = new Set([target, ...also]);
    const starts = needed(nodes, inside);
    return starts !== undefined && !dependsOn(starts, inside);
  };
  const join = (target: Group, node: Node, index: number): void => {
    target.nodes.push(node);
    target.last = Math.max(target.last, index);
    for (let i = target.first + 1; i <= index; i++) {
      earliest[i] = Math.min(earliest[i] as number, target.first);
    }
    owner.set(node, target);
  };

  const groups = new Set<Group>();
  graph.nodes.forEach((node, index) => {
    // Views, constants and iotas are read where they are used.
    if (viewOf(node.outputs[0] as Value).root.producer !== node) return;
    if (node.op === "constant" || node.op === "iota") return;
    const loop = isLane(node) || node.op === "reduce";
    const shape = (node.op === "reduce" ? node.inputs[0] : node.outputs[0])?.type.shape as Shape;
    let target: Group | undefined;
    if (loop) {
      const candidates = new Set(node.inputs.map(sharable).filter((g) => g !== undefined));
      for (const group of candidates) {
        const sizes = refine(group.sizes as Shape, shape);
        if (sizes === undefined || group.nodes.length >= MOST_NODES) continue;
        if (node.op === "reduce" && !sameFold(group, node)) continue;
        if (target === undefined) {
          if (!mergeable([node], group)) continue;
          target = group;
          target.sizes = sizes;
        } else {
          const both = refine(target.sizes as Shape, group.sizes as Shape);
          const folds = target.folds ?? group.folds;
          const agree =
            target.folds === undefined ||
            group.folds === undefined ||
            JSON.stringify(target.folds) === JSON.stringify(group.folds);
          const small = target.nodes.length + group.nodes.length < MOST_NODES;
          const merged = [...target.nodes, ...group.nodes, node];
          if (both === undefined || !agree || !small) continue;
          if (!mergeable(merged, target, [group])) continue;
          target.sizes = both;
          target.folds = folds;
          target.first = Math.min(target.first, group.first);
          target.last = Math.max(target.last, group.last);
          for (const moved of group.nodes) owner.set(moved, target);
          target.nodes.push(...group.nodes);
          groups.delete(group);
        }
      }
    }
    if (target === undefined) {
      target = new Group(loop ? (refine(shape, shape) as Shape) : undefined, index);
      groups.add(target);
    }
    join(target, node, index);
    if (node.op === "reduce") target.folds = { shape, dimensions: node.attrs.dimensions };
  });

  return inOrder(graph, groups, groupOf);
};

const inOrder = (
  graph: Graph,
  groups: ReadonlySet<Group>,
  groupOf: (v: Value) => Group | undefined,
): readonly Unit[] => {
  const position = new Map(graph.nodes.map((node, i) => [node, i]));
  const order: Group[] = [];
  const done = new Set<Group>();
  const visit = (group: Group): void => {
    if (done.has(group)) return;
    done.add(group);
    group.nodes.sort((a, b) => (position.get(a) as number) - (position.get(b) as number));
    for (const node of group.nodes) {
      for (const v of node.inputs) {
        const before = groupOf(v);
        if (before !== undefined && before !== group) visit(before);
      }
    }
    order.push(group);
  };
  // By the last node, so that a value is computed shortly before it is needed.
  for (const group of [...groups].sort((a, b) => a.last - b.last)) visit(group);
  return order;
};
