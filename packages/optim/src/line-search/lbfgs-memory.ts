import type { TensorTree } from "@layerwise/autodiff";
import { constant, scan } from "@layerwise/autodiff";
import type { Scalar, Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import {
  add,
  concat,
  div,
  equal,
  expandDims,
  greater,
  logicalAnd,
  maximum,
  mul,
  notEqual,
  slice,
  squeeze,
  sub,
  where,
  zerosLike,
} from "@tensorflow/tfjs-core";
import { globalNorm } from "../clipping/clip-by-global-norm.ts";
import { mapTensors } from "../core/map.ts";
import { selectTree } from "../core/select.ts";
import { treeDot } from "../core/tree-sums.ts";

/** Pairs of differences, oldest first: axis 0 of every tensor. */
export type LbfgsMemory = {
  /** Differences of consecutive parameters, s. */
  readonly diffParams: TensorTree;
  /** Differences of their gradients, y. */
  readonly diffGrads: TensorTree;
  /** 1/sᵀy, and 0 for a pair that does not count. */
  readonly weights: Tensor1D;
};

/** The difference of two consecutive steps. */
export interface Pair {
  readonly s: TensorTree;
  readonly y: TensorTree;
  /** Whether there was a step before, a bool scalar. */
  readonly known: Tensor;
}

/** A memory with its estimate of the inverse Hessian's scale. */
interface Remembered {
  readonly memory: LbfgsMemory;
  readonly scale: Tensor;
}

// Far enough from float32's smallest number, 1e-38, for quotients of two such products.
const TINY = 1e-30;

const push = (rows: Tensor, row: Tensor): Tensor => {
  const [size = 1] = rows.shape;
  const last = expandDims(row, 0);
  return size === 1 ? last : concat([slice(rows, 1, size - 1), last], 0);
};

const newest = <T extends TensorTree>(rows: T): T =>
  mapTensors((x) => squeeze(slice(x, (x.shape[0] ?? 1) - 1, 1), [0]), rows);

const quotient = (a: Tensor, b: Tensor, valid: Tensor, otherwise: Tensor): Tensor =>
  where(valid, div(a, where(valid, b, constant(1))), otherwise);

const pushed = (memory: LbfgsMemory, { s, y }: Pair, weight: Tensor): LbfgsMemory => ({
  diffParams: mapTensors(push, memory.diffParams, s),
  diffGrads: mapTensors(push, memory.diffGrads, y),
  weights: push(memory.weights, weight) as Tensor1D,
});

/** min(1, 1/‖g‖): the first step is at most one long. */
const firstScale = (grads: TensorTree): Tensor =>
  div(constant(1), maximum(constant(1), globalNorm(grads)));

/**
 * Takes a pair in where it has positive curvature, so that the estimate stays positive definite. A step
 * of length zero says that the line search failed on this memory: it is then forgotten.
 */
export function rememberPositive(memory: LbfgsMemory, pair: Pair, grads: TensorTree): Remembered {
  const { s, y, known } = pair;
  const sy = treeDot(s, y);
  const curved = logicalAnd(greater(sy, constant(TINY)), greater(treeDot(y, y), constant(TINY)));
  const good = logicalAnd(known, curved);
  const stalled = logicalAnd(known, equal(treeDot(s, s), 0));
  const next = pushed(memory, pair, quotient(constant(1), sy, good, constant(0)));
  const kept = {
    diffParams: selectTree(good, next.diffParams, memory.diffParams),
    diffGrads: selectTree(good, next.diffGrads, memory.diffGrads),
    weights: where(
      stalled,
      zerosLike(memory.weights),
      where(good, next.weights, memory.weights),
    ) as Tensor1D,
  };
  const last = newest(kept.diffGrads);
  const weight = newest<Tensor>(kept.weights);
  const scale = quotient(
    constant(1),
    mul(weight, treeDot(last, last)),
    greater(weight, 0),
    firstScale(grads),
  );
  return { memory: kept, scale };
}

/** Takes every pair in, also of negative curvature, as optax does. */
export function rememberAll(memory: LbfgsMemory, pair: Pair, grads: TensorTree): Remembered {
  const { s, y, known } = pair;
  const sy = treeDot(s, y);
  const yy = treeDot(y, y);
  const weight = quotient(constant(1), sy, logicalAnd(known, notEqual(sy, 0)), constant(0));
  const zeroFirst = (x: Tensor): Tensor => where(known, x, zerosLike(x));
  const row = { s: mapTensors(zeroFirst, s), y: mapTensors(zeroFirst, y), known };
  const scale = quotient(sy, yy, greater(yy, 0), constant(1));
  return {
    memory: pushed(memory, row, weight),
    scale: where(known, scale, firstScale(grads)),
  };
}

/** The product of the inverse Hessian's estimate with a vector: the two-loop recursion. */
export function inverseHessianProduct<T extends TensorTree>(
  { diffParams, diffGrads, weights }: LbfgsMemory,
  scale: Tensor,
  vector: T,
): T {
  const rows = { s: diffParams, y: diffGrads, rho: weights as Tensor };
  const minus = (a: Tensor, b: Tensor, by: Tensor): Tensor => sub(a, mul(by, b));
  const down = scan(
    (q: T, { s, y, rho }: typeof rows) => {
      const alpha: Scalar = mul(rho, treeDot(s, q));
      return { carry: mapTensors((a, b) => minus(a, b, alpha), q, y), y: alpha };
    },
    vector,
    rows,
    { reverse: true },
  );
  const up = scan(
    (r: T, { s, y, rho, alpha }: typeof rows & { alpha: Tensor }) => {
      const by = sub(alpha, mul(rho, treeDot(y, r)));
      return { carry: mapTensors((a, b) => add(a, mul(by, b)), r, s), y: null };
    },
    mapTensors((q) => mul(scale, q), down.carry),
    { ...rows, alpha: down.ys as Tensor },
  );
  return up.carry;
}
