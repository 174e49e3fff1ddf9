export type { TreeDef, TreeNode } from "./flatten.ts";
export { isTreeNode, treeFlatten, treeFlattenLike, treeUnflatten } from "./flatten.ts";
export type { LeavesOf } from "./map.ts";
export { treeAll, treeLeaves, treeMap, treeMapWithPath, treeReduce } from "./map.ts";
export { treeDispose, treeTidy } from "./memory.ts";
export { treeGet, treeSet } from "./path.ts";
export { treedefPaths, treeMismatch, treePaths, treeStructureEquals } from "./structure.ts";
export type { LeafOf, MapTree, TensorTree, Tree } from "./types.ts";
