import * as tf from "@tensorflow/tfjs-core";
import { at, isFloat, sameShape } from "../ir/shape.ts";
import type { Graph, TensorType } from "../ir/types.ts";
import { requirePure } from "../trace/custom-vjp.ts";
import { currentSession, type Session } from "../trace/session.ts";
import { tfDType } from "../trace/tensors.ts";
import { trace } from "../trace/trace.ts";
import { expandLinearCalls, linearizeGraph, transposeGraph } from "../transform/index.ts";
import { type TreeDef, treeFlatten, treeUnflatten } from "../tree/index.ts";
import { Program } from "./program.ts";
import { record, wrapResult } from "./record.ts";

/** A function at a point: its value and its derivative there, which can be applied in both directions. */
export interface LinearMap {
  readonly value: unknown;
  /** A tree like the arguments to one like the value. */
  readonly forward: (tangents: unknown) => unknown;
  /** A tree like the value to one like the arguments. */
  readonly transposed: (cotangents: unknown) => unknown;
  /** Frees intermediate values and plans. */
  readonly dispose: () => void;
}

interface Side {
  readonly tree: TreeDef;
  readonly types: readonly TensorType[];
}

/** Turns a function of float leaves into one of trees; integer leaves are ignored and come out zero. */
const onTrees =
  (name: string, from: Side, to: Side, apply: (floats: tf.Tensor[]) => readonly tf.Tensor[]) =>
  (given: unknown): unknown => {
    const { leaves } = treeFlatten<unknown, tf.Tensor>(given);
    if (leaves.length !== from.types.length) {
      const [got, wanted] = [leaves.length, from.types.length];
      throw new Error(`${name}: expected a tree of ${wanted} tensors, got ${got}`);
    }
    from.types.forEach(({ shape, dtype }, i) => {
      const x = at(leaves, i);
      if (sameShape(x.shape, shape) && (!isFloat(dtype) || x.dtype === "float32")) return;
      const [wanted, got] = [`${tfDType(dtype)} [${shape}]`, `${x.dtype} [${x.shape}]`];
      throw new Error(`${name}: expected ${wanted} for leaf ${i}, got ${got}`);
    });
    const results = apply(leaves.filter((_, i) => isFloat(at(from.types, i).dtype)));
    let next = 0;
    const all = to.types.map(({ shape, dtype }) =>
      isFloat(dtype) ? at(results, next++) : tf.zeros([...shape], tfDType(dtype)),
    );
    return treeUnflatten(to.tree, all);
  };

const sides = (args: TreeDef, output: TreeDef, { inputs, outputs }: Graph) => ({
  from: { tree: args, types: inputs.slice(inputs.length - args.leafCount).map((v) => v.type) },
  to: { tree: output, types: outputs.slice(0, output.leafCount).map((v) => v.type) },
});

/** Derivatives are taken by the float leaves of the arguments. */
const byArguments = ({ inputs }: Graph, captures: number): boolean[] =>
  inputs.map((v, i) => i >= captures && isFloat(v.type.dtype));

// Residuals are lifted into the frame of each call: the map may be used inside another body.
function inside(s: Session, name: string, fn: (...args: never) => unknown, args: unknown[]) {
  const recorded = record(s, fn as (...args: unknown[]) => unknown, args);
  const { graph, captures, inputs, output } = recorded;
  requirePure(name, recorded);
  const { primal, linear, numResiduals } = linearizeGraph(
    graph,
    byArguments(graph, captures.length),
  );
  const found = s.frame.inline(primal, [...captures, ...inputs]);
  const residuals = found.slice(output.leafCount);
  const { from, to } = sides(recorded.args, output, graph);
  const apply = (map: Graph) => (floats: tf.Tensor[]) => {
    const operands = [...residuals.map((v) => s.frame.lift(v)), ...floats.map((x) => s.resolve(x))];
    return s.frame.inline(map, operands).map((v) => s.wrap(v));
  };
  return {
    value: wrapResult(s, recorded, found),
    forward: onTrees(name, from, to, (t) => apply(expandLinearCalls(linear))(t)),
    transposed: onTrees(name, to, from, (ct) => apply(transposeGraph(linear, numResiduals))(ct)),
    dispose: () => {},
  };
}

function outside(name: string, fn: (...args: never) => unknown, args: unknown[]): LinearMap {
  const { graph, captures, output, assigned } = trace(fn, args);
  if (assigned.length > 0) {
    throw new Error(`${name}: the function assigns a variable; use it in compile`);
  }
  const { leaves, treedef } = treeFlatten<unknown[], tf.Tensor>(args);
  const { primal, linear, numResiduals } = linearizeGraph(
    graph,
    byArguments(graph, captures.length),
  );
  const once = new Program(primal);
  const results = once.run([...captures, ...leaves]);
  once.dispose();
  const residuals = results.slice(output.leafCount);
  const { from, to } = sides(treedef, output, graph);
  const programs: Program[] = [];
  const apply = (map: () => Graph) => {
    let program: Program | undefined;
    return (floats: tf.Tensor[]) => {
      if (program === undefined) {
        program = new Program(map());
        programs.push(program);
      }
      return program.run([...residuals, ...floats]);
    };
  };
  return {
    value: treeUnflatten(output, results.slice(0, output.leafCount)),
    forward: onTrees(
      name,
      from,
      to,
      apply(() => expandLinearCalls(linear)),
    ),
    transposed: onTrees(
      name,
      to,
      from,
      apply(() => transposeGraph(linear, numResiduals)),
    ),
    dispose: () => {
      for (const program of programs) program.dispose();
      for (const x of residuals) x.dispose();
    },
  };
}

/** Linearizes `fn` at `args`: in the graph of a trace in progress, or computed on the active backend. */
export function linearMap<A extends readonly unknown[]>(
  name: string,
  fn: (...args: A) => unknown,
  args: A,
): LinearMap {
  const s = currentSession();
  const call = fn as (...args: never) => unknown;
  return s === undefined ? outside(name, call, [...args]) : inside(s, name, call, [...args]);
}
