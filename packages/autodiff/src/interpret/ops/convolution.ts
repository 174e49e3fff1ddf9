import { at, complement, isFloat, range, sizeOf } from "../../ir/shape.ts";
import type { ConvAttrs, Shape, TensorType } from "../../ir/types.ts";
import { full, mapTwo } from "../broadcast.ts";
import type { Emitter } from "../emitter.ts";
import { onHost } from "../host-step.ts";
import { concat, pad, slice, stridedSlice, transpose } from "../move.ts";
import { type Ref, type Val, view, whole } from "../ref.ts";
import { convolutionKernel } from "./convolution-kernel.ts";
import { contract } from "./dot.ts";

/** What an axis of an intermediate result means; spatial axes are numbered. */
type Role = "batch" | "feature" | "group" | "output" | number;

/** An array with the meaning of its axes. */
interface Labelled {
  readonly ref: Ref;
  readonly roles: readonly Role[];
}

const label = (
  rank: number,
  batch: readonly [number, Role],
  feature: readonly [number, Role],
  spatial: readonly number[],
): Role[] => {
  const roles = new Array<Role>(rank);
  roles[batch[0]] = batch[1];
  roles[feature[0]] = feature[1];
  spatial.forEach((axis, i) => {
    roles[axis] = i;
  });
  return roles;
};

/** Splits the axis of one role into groups and what is in a group. */
const split = ({ ref, roles }: Labelled, role: Role, groups: number): Labelled => {
  const axis = roles.indexOf(role);
  const inner = at(ref.shape, axis) / groups;
  const shape = [...ref.shape.slice(0, axis), groups, inner, ...ref.shape.slice(axis + 1)];
  const split: Role[] = [...roles.slice(0, axis), "group", role, ...roles.slice(axis + 1)];
  return { ref: view(ref, shape), roles: split };
};

const axesOf = ({ roles }: Labelled, wanted: readonly Role[]): number[] =>
  wanted.map((role) => roles.indexOf(role));

/** Per-axis numbers: those of the spatial axes, and a default for the others. */
const spread = ({ roles }: Labelled, spatial: readonly number[], otherwise: Shape): number[] =>
  roles.map((role, axis) => (typeof role === "number" ? at(spatial, role) : at(otherwise, axis)));

const multiply = (e: Emitter, x: Labelled, w: Labelled, over: readonly Role[]): Labelled => {
  const batch: Role[] = x.roles.includes("group") ? ["group"] : [];
  // Summed in the order of the larger operand, which then needs no transpose.
  const order = x.roles.filter((role) => over.includes(role));
  const dims = {
    lhsBatch: axesOf(x, batch),
    rhsBatch: axesOf(w, batch),
    lhsContracting: axesOf(x, order),
    rhsContracting: axesOf(w, order),
  };
  const rest = (roles: readonly Role[], used: readonly number[]): Role[] =>
    complement(roles.length, used).map((axis) => at(roles, axis));
  const roles = [
    ...batch,
    ...rest(x.roles, [...dims.lhsBatch, ...dims.lhsContracting]),
    ...rest(w.roles, [...dims.rhsBatch, ...dims.rhsContracting]),
  ];
  return { ref: contract(e, x.ref, w.ref, dims), roles };
};

const positions = (sizes: Shape): number[][] =>
  sizes.reduce<number[][]>(
    (list, size) => list.flatMap((head) => range(size).map((i) => [...head, i])),
    [[]],
  );

const product = (a: readonly number[], b: readonly number[]): number[] =>
  a.map((n, i) => n * at(b, i));

const zeros = (shape: Shape): number[] => shape.map(() => 0);
const ones = (shape: Shape): number[] => shape.map(() => 1);

/** One product per element of the window, over all outputs at once; their sum is the result. */
const overWindow = (e: Emitter, x: Labelled, w: Labelled, a: ConvAttrs, out: Shape): Labelled => {
  const window = a.dims.rhsSpatial.map((_, i) => at(w.ref.shape, w.roles.indexOf(i)));
  const terms = positions(window).map((p) => {
    const from = spread(x, product(p, a.rhsDilation), zeros(x.ref.shape));
    const steps = spread(x, a.strides, ones(x.ref.shape));
    const moved = stridedSlice(e, x.ref, from, steps, spread(x, out, x.ref.shape));
    const element = slice(
      e,
      w.ref,
      spread(w, p, zeros(w.ref.shape)),
      spread(w, ones(p), w.ref.shape),
    );
    const kept = w.roles.filter((role) => typeof role !== "number");
    const matrix = view(
      element,
      axesOf(w, kept).map((axis) => at(element.shape, axis)),
    );
    return multiply(e, { ref: moved, roles: x.roles }, { ref: matrix, roles: kept }, ["feature"]);
  });
  const { roles } = at(terms, 0);
  return { ref: terms.map((t) => t.ref).reduce((sum, t) => mapTwo(e, "Add", sum, t)), roles };
};

/** One product per output position, over the whole window: for large windows (weight gradients). */
const overOutputs = (e: Emitter, x: Labelled, w: Labelled, a: ConvAttrs, out: Shape): Labelled => {
  const spatial = range(out.length);
  const window = spatial.map((i) => at(w.ref.shape, w.roles.indexOf(i)));
  const parts = positions(out).map((q) => {
    const from = spread(x, product(q, a.strides), zeros(x.ref.shape));
    const steps = spread(x, a.rhsDilation, ones(x.ref.shape));
    const seen = stridedSlice(e, x.ref, from, steps, spread(x, window, x.ref.shape));
    return multiply(e, { ref: seen, roles: x.roles }, w, ["feature", ...spatial]);
  });
  const rows = parts.map(({ ref }) => view(ref, [1, ...ref.shape]));
  const stacked = concat(e, rows, 0);
  const shape = [...out, ...stacked.shape.slice(1)];
  return { ref: view(stacked, shape), roles: [...spatial, ...at(parts, 0).roles] };
};

/** Any convolution by matrix products of strided slices. */
const general = (e: Emitter, lhs: Ref, rhs: Ref, a: ConvAttrs, type: TensorType): Ref => {
  const { dims, featureGroups, batchGroups } = a;
  const rank = lhs.shape.length;
  const lhsRoles = label(
    rank,
    [dims.lhsBatch, "batch"],
    [dims.lhsFeature, "feature"],
    dims.lhsSpatial,
  );
  const rhsRoles = label(
    rank,
    [dims.rhsInputFeature, "feature"],
    [dims.rhsOutputFeature, "output"],
    dims.rhsSpatial,
  );
  const source: Labelled = { ref: lhs, roles: lhsRoles };
  const none = zeros(lhs.shape);
  const low = spread(
    source,
    a.padding.map(([n]) => n),
    none,
  );
  const high = spread(
    source,
    a.padding.map(([, n]) => n),
    none,
  );
  const interior = spread(
    source,
    a.lhsDilation.map((n) => n - 1),
    none,
  );
  let x: Labelled = { ref: pad(e, lhs, low, high, interior, 0), roles: lhsRoles };
  let w: Labelled = { ref: rhs, roles: rhsRoles };
  const groups = featureGroups * batchGroups;
  if (groups > 1) {
    x = split(x, featureGroups > 1 ? "feature" : "batch", groups);
    w = split(w, "output", groups);
  }
  const out = dims.outSpatial.map((axis) => at(type.shape, axis));
  const window = dims.rhsSpatial.map((axis) => at(rhs.shape, axis));
  const made = (sizeOf(window) <= sizeOf(out) ? overWindow : overOutputs)(e, x, w, a, out);
  const outRoles = label(
    rank,
    [dims.outBatch, "batch"],
    [dims.outFeature, "output"],
    dims.outSpatial,
  );
  const order = outRoles.flatMap((role): Role[] =>
    role === "output" && groups > 1 ? ["group", "output"] : [role],
  );
  return view(transpose(e, made.ref, axesOf(made, order)), type.shape);
};

/** Lowering of convolution: a kernel where the backend has one that fits, else matrix products. */
export const convolution = (
  e: Emitter,
  [x, w]: readonly Val[],
  attrs: ConvAttrs,
  type: TensorType,
): Val => {
  const { dtype, shape } = type;
  if (sizeOf(shape) === 0 || sizeOf(x!.shape) === 0 || sizeOf(w!.shape) === 0) {
    return e.splat(dtype, shape, 0);
  }
  const bothGroups = attrs.featureGroups > 1 && attrs.batchGroups > 1;
  if (!isFloat(dtype) || bothGroups) return onHost(e, "convolution", [x!, w!], attrs, [type])[0]!;
  const [lhs, rhs] = [full(e, x!), full(e, w!)];
  const fast = convolutionKernel(e, lhs, rhs, attrs, type);
  return whole(fast ?? general(e, lhs, rhs, attrs, type), dtype, shape);
};
