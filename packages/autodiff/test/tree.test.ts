import type { LeafOf, MapTree, TensorTree, Tree } from "@layerwise/autodiff";
import {
  treeAll,
  treeDispose,
  treedefPaths,
  treeFlatten,
  treeFlattenLike,
  treeGet,
  treeLeaves,
  treeMap,
  treeMapWithPath,
  treeMismatch,
  treePaths,
  treeReduce,
  treeSet,
  treeStructureEquals,
  treeTidy,
  treeUnflatten,
} from "@layerwise/autodiff";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { expect, expectTypeOf, test } from "vitest";

const { tree: anyTree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.integer(),
    fc.constant(null),
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(fc.string({ maxLength: 3 }), tie("tree"), { maxKeys: 4 }),
  ),
}));

test("unflatten inverts flatten, key order included (property)", () => {
  fc.assert(
    fc.property(anyTree, (tree) => {
      const { leaves, treedef } = treeFlatten<unknown, unknown>(tree);
      const back = treeUnflatten<unknown, unknown>(treedef, leaves);
      expect(JSON.stringify(back)).toBe(JSON.stringify(tree));
      expect(treeFlattenLike(treedef, tree)).toEqual(leaves);
      expect(treeMismatch(treedef, tree)).toBeUndefined();
      expect(treedefPaths(treedef)).toHaveLength(leaves.length);
    }),
  );
});

test("equal keys mean equal structures: flattenLike succeeds exactly then (property)", () => {
  fc.assert(
    fc.property(anyTree, anyTree, (a, b) => {
      const equal = treeStructureEquals(a, b);
      const { treedef } = treeFlatten(a);
      expect(treeFlattenLike(treedef, b) !== undefined).toBe(equal);
      expect(treeMismatch(treedef, b) === undefined).toBe(equal);
    }),
  );
});

test("leaves come in sorted key order whatever the insertion order (JAX's rule)", () => {
  expect(treeLeaves({ w: 1, b: [2, null, { z: 3, a: 4 }] })).toEqual([2, 4, 3, 1]);
  expect(treePaths({ w: 1, b: [2, null, { z: 3, a: 4 }] })).toEqual(["b.0", "b.2.a", "b.2.z", "w"]);
  expect(Object.keys(treeMap((x) => x, { w: 1, b: 2 }))).toEqual(["w", "b"]);
  expect(treePaths(7)).toEqual([""]);
});

test("instances, functions and typed arrays are leaves; literals of any realm are nodes", () => {
  class Box {
    value = 1;
  }
  const leaves = [tf.scalar(1), new Box(), new Float32Array(2), new Map(), () => 1, "text", true];
  expect(treeLeaves<unknown, unknown>(leaves)).toEqual(leaves);
  expect(treeLeaves(Object.assign(Object.create(null), { a: 1 }))).toEqual([1]);
  expect(treeLeaves(Object.freeze([Object.freeze({ a: 1 })]))).toEqual([1]);
});

test("a key named __proto__ stays data", () => {
  const tree: unknown = JSON.parse('{"__proto__": {"polluted": 1}}');
  const copy = treeMap((x: number) => x + 1, tree);
  expect(JSON.stringify(copy)).toBe('{"__proto__":{"polluted":2}}');
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
});

test("undefined is refused with its path", () => {
  expect(() => treeFlatten({ layers: [{ bias: undefined }] })).toThrow(
    'tree: expected a leaf at "layers.0.bias", got undefined (null marks an empty place)',
  );
  expect(() => treeFlatten(undefined)).toThrow("tree: expected a leaf at the root");
  const { treedef } = treeFlatten({ a: 1 });
  expect(treeFlattenLike(treedef, { a: undefined })).toBeUndefined();
});

test("a mismatch names the path and both structures", () => {
  const tree = { layers: [{ kernel: 1, bias: 2 }, null], step: 3 };
  const map = (other: unknown) => () => treeMap((x: unknown) => x, tree, other);
  expect(map({ layers: [{ kernel: 1 }, null], step: 3 })).toThrow(
    'treeMap: structure differs at "layers.0": expected {bias:*,kernel:*}, got {kernel:*}',
  );
  expect(map({ layers: [{ kernel: 1, bias: [2] }, null], step: 3 })).toThrow(
    'treeMap: structure differs at "layers.0.bias": expected a leaf, got [*]',
  );
  expect(map({ layers: [{ kernel: 1, bias: 2 }, 5], step: 3 })).toThrow(
    'treeMap: structure differs at "layers.1": expected null, got a leaf',
  );
  expect(map([])).toThrow("differs at the root: expected {layers:");
  expect(() => treeUnflatten(treeFlatten(tree).treedef, [1])).toThrow(
    "treeUnflatten: expected 3 leaves, got 1",
  );
});

test("map, mapWithPath, all and reduce visit every leaf once", () => {
  const tree = { b: [1, 2], a: 3 };
  expect(treeMap((x, y) => x * y, tree, { a: 10, b: [20, 30] })).toEqual({ b: [20, 60], a: 30 });
  expect(treeMapWithPath((path, x) => `${path}=${x}`, tree)).toEqual({
    b: ["b.0=1", "b.1=2"],
    a: "a=3",
  });
  expect(treeAll((x) => x > 1, tree)).toBe(false);
  expect(treeAll(() => false, { a: null, b: [] })).toBe(true);
  expect(treeReduce((text: string, x) => text + x, tree, "")).toBe("312");
});

test("get and set address leaves and subtrees by path, dotted keys included", () => {
  const tree = { layers: [{ kernel: 1, bias: 2 }], "layers.0.scale": 3 };
  expect(treeGet(tree, "layers.0")).toEqual({ kernel: 1, bias: 2 });
  expect(treeGet(tree, "layers.0.scale")).toBe(3);
  expect(treeGet(tree, "")).toBe(tree);
  const changed = treeSet(tree, "layers.0.kernel", 9);
  expect(changed).toEqual({ layers: [{ kernel: 9, bias: 2 }], "layers.0.scale": 3 });
  expect(tree.layers[0]?.kernel).toBe(1);
  expect(() => treeGet(tree, "layers.1.kernel")).toThrow(
    'treeGet: no "layers.1.kernel" in the tree ("layers" has "0")',
  );
  expect(() => treeSet(tree, "head", 1)).toThrow(
    'treeSet: no "head" in the tree (the root has "layers", "layers.0.scale")',
  );
  for (const path of treePaths(tree)) expect(treeGet(tree, path)).toBeTypeOf("number");
});

test("tidy keeps the returned tree only; dispose frees it", () => {
  const before = tf.memory().numTensors;
  const tree = treeTidy(() => {
    tf.square(tf.scalar(3));
    return { kept: [tf.scalar(1)], state: null } as const;
  });
  expect(tf.memory().numTensors).toBe(before + 1);
  expectTypeOf(tree.state).toEqualTypeOf<null>();
  treeDispose(tree);
  expect(tf.memory().numTensors).toBe(before);
});

test("types follow structure", () => {
  type Params = { w: tf.Tensor2D; b: readonly [tf.Tensor1D, null] };
  const params: Params = { w: tf.zeros([1, 2]), b: [tf.zeros([3]), null] };
  expectTypeOf<LeafOf<Params>>().toEqualTypeOf<tf.Tensor2D | tf.Tensor1D>();
  expectTypeOf<LeafOf<TensorTree>>().toEqualTypeOf<tf.Tensor>();
  expectTypeOf<MapTree<TensorTree, tf.Tensor, number>>().toEqualTypeOf<Tree<number>>();

  const sizes = treeMap((tensor): number => tensor.size, params);
  expectTypeOf(sizes).toEqualTypeOf<{ w: number; b: readonly [number, null] }>();
  expect(sizes).toEqual({ w: 2, b: [3, null] });

  const { leaves, treedef } = treeFlatten(params);
  expectTypeOf(leaves).toEqualTypeOf<(tf.Tensor2D | tf.Tensor1D)[]>();
  const names = treeUnflatten(treedef, ["b", "w"]);
  expectTypeOf(names).toEqualTypeOf<{ w: string; b: readonly [string, null] }>();

  // @ts-expect-error the second tree's leaves are strings
  treeMap((a: number, b: number) => a + b, { x: 1 }, { x: "1" });
  expectTypeOf<Params>().toExtend<TensorTree>();
  expectTypeOf<{ w: number }>().not.toExtend<TensorTree>();
});
