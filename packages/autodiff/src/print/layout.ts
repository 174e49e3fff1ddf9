import { at, range } from "../ir/shape.ts";
import { spread } from "./spread.ts";

/** A line between two boxes; the offsets say how far below their middles it ends. */
export interface Edge {
  readonly from: number;
  readonly to: number;
  readonly fromOffset: number;
  readonly toOffset: number;
}

/** The extent of a box, with the room that it wants to its right. */
export interface Size {
  readonly width: number;
  readonly height: number;
  readonly room: number;
}

/** What is to be laid out: boxes by number, in an order in which edges point forward. */
export interface LayoutInput {
  readonly sizes: readonly Size[];
  readonly edges: readonly Edge[];
  /** Boxes that stand right before what uses them, however early they could. */
  readonly late: readonly boolean[];
  /** Further room between neighbouring columns, and room between the boxes of one column. */
  readonly gapX: number;
  readonly gapY: number;
}

/** A place in a column, of a box or of an edge that passes. */
export interface Place {
  readonly left: number;
  readonly right: number;
  /** Where the room to the right of the column's boxes ends. */
  readonly exit: number;
  /** Of the middle; grows downward. */
  readonly y: number;
}

/** Where everything stands. */
export interface Layout {
  /** The column and the height at which each box stands. */
  readonly boxes: readonly Place[];
  /** Per edge, the columns that it passes on its way, and at which height. */
  readonly passes: readonly (readonly Place[])[];
  readonly width: number;
  readonly height: number;
}

interface Neighbour {
  readonly item: number;
  /** How far below its middle one's own middle is wanted. */
  readonly offset: number;
}

const columnsOf = ({ sizes, edges, late }: LayoutInput): number[] => {
  const column = sizes.map(() => 0);
  // Edges point to larger numbers, so that one pass in order finds all longest paths.
  const byTarget = [...edges].sort((a, b) => a.to - b.to);
  for (const { from, to } of byTarget) column[to] = Math.max(at(column, to), at(column, from) + 1);
  for (const i of range(sizes.length).toReversed()) {
    const users = edges.filter(({ from }) => from === i).map(({ to }) => at(column, to));
    if (late[i] && users.length > 0) column[i] = Math.min(...users) - 1;
  }
  return column;
};

const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;

/**
 * Lays a graph out in columns from left to right (Sugiyama's method): longest paths decide the
 * column, edges take a place in the columns they pass, and repeated sweeps order and move the items
 * of each column toward their neighbours.
 */
export const layout = (input: LayoutInput): Layout => {
  const { sizes, edges, gapX, gapY } = input;
  const column = columnsOf(input);
  const heights = sizes.map(({ height }) => height);
  const before: Neighbour[][] = sizes.map(() => []);
  const after: Neighbour[][] = sizes.map(() => []);
  const link = (from: number, fromOffset: number, to: number, toOffset: number): void => {
    at(before, to).push({ item: from, offset: fromOffset - toOffset });
    at(after, from).push({ item: to, offset: toOffset - fromOffset });
  };
  const passing = edges.map(({ from, to, fromOffset, toOffset }) => {
    const items = range(at(column, to) - at(column, from) - 1).map((k) => {
      column.push(at(column, from) + 1 + k);
      before.push([]);
      after.push([]);
      return heights.push(0) - 1;
    });
    const path = [from, ...items, to];
    path.slice(1).forEach((next, k) => {
      link(at(path, k), k === 0 ? fromOffset : 0, next, next === to ? toOffset : 0);
    });
    return items;
  });
  const columns = range(Math.max(0, ...column) + 1).map((c) =>
    range(heights.length).filter((i) => column[i] === c),
  );
  const y = heights.map(() => 0);
  const arrange = (members: number[], neighbours: readonly (readonly Neighbour[])[]): void => {
    const goals = heights.map((_, i) => {
      const near = at(neighbours, i).map(({ item, offset }) => at(y, item) + offset);
      return near.length === 0 ? at(y, i) : mean(near);
    });
    members.sort((i, j) => at(goals, i) - at(goals, j));
    const distances = members.map((i, k) =>
      k === 0 ? 0 : (at(heights, at(members, k - 1)) + at(heights, i)) / 2 + gapY,
    );
    const found = spread(
      members.map((i) => at(goals, i)),
      distances,
    );
    members.forEach((i, k) => {
      y[i] = at(found, k);
    });
  };
  const both = heights.map((_, i) => [...at(before, i), ...at(after, i)]);
  for (const _ of range(8)) {
    for (const members of columns) arrange(members, before);
    for (const members of columns.toReversed()) arrange(members, after);
  }
  for (const _ of range(8)) for (const members of columns) arrange(members, both);

  const widths = columns.map((list) => Math.max(0, ...list.map((i) => sizes[i]?.width ?? 0)));
  const rooms = columns.map((list) => Math.max(0, ...list.map((i) => sizes[i]?.room ?? 0)));
  const lefts = widths.map((_, c) =>
    range(c).reduce((x, k) => x + at(widths, k) + at(rooms, k) + gapX, 0),
  );
  const top = Math.min(...y.map((middle, i) => middle - at(heights, i) / 2));
  const bottom = Math.max(...y.map((middle, i) => middle + at(heights, i) / 2));
  const placeOf = (i: number): Place => {
    const c = at(column, i);
    const right = at(lefts, c) + at(widths, c);
    return { left: at(lefts, c), right, exit: right + at(rooms, c), y: at(y, i) - top };
  };
  return {
    boxes: sizes.map((_, i) => placeOf(i)),
    passes: passing.map((items) => items.map(placeOf)),
    width: at(lefts, lefts.length - 1) + at(widths, widths.length - 1),
    height: bottom - top,
  };
};
