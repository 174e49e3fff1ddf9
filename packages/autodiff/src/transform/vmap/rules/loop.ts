import { type Builder, buildGraph } from "../../../ir/builder.ts";
import { at, range } from "../../../ir/shape.ts";
import type { Graph, OpAttrs, Value } from "../../../ir/types.ts";
import { flat, parts } from "../../loop.ts";
import { batchGraph, either, everyBatched, repeat } from "../stack.ts";
import type { BatchArgs, Batched, BatchRule } from "../types.ts";

/** Exchanges the axis of examples and that of steps. */
const swap = (b: Builder, x: Value): Value =>
  b.transpose(x, [1, 0, ...range(x.type.shape.length).slice(2)]);

/** A mask that has grown as far as a step makes it grow. */
const fixpoint = (
  start: readonly boolean[],
  step: (mask: readonly boolean[]) => readonly boolean[],
): readonly boolean[] => {
  let mask = start;
  for (;;) {
    const next = either(mask, step(mask));
    if (next.every((here, i) => here === mask[i])) return mask;
    mask = next;
  }
};

/** Examples walk through the loop side by side. */
export const scan: BatchRule<"scan"> = (b, { inputs, batched, attrs, size, vmapInto }) => {
  const [values, given] = [parts(inputs, attrs), parts(batched, attrs)];
  const batch = (mask: readonly boolean[], force?: readonly boolean[]) =>
    batchGraph(vmapInto, attrs.body, flat({ ...given, carry: mask }), size, force);
  const carry = fixpoint(given.carry, (mask) => batch(mask).batched);
  const body = batch(carry, carry);
  const operands = flat({
    consts: values.consts,
    carry: values.carry.map((v, i) => (carry[i] && !given.carry[i] ? repeat(b, v, size) : v)),
    xs: values.xs.map((v, i) => (given.xs[i] ? swap(b, v) : v)),
  });
  const outputs = b.emit("scan", operands, { ...attrs, body: body.graph });
  return {
    outputs: outputs.map((v, i) => (i >= attrs.numCarry && body.batched[i] ? swap(b, v) : v)),
    batched: body.batched,
  };
};

type While = OpAttrs["while"];
type WhileArgs = BatchArgs<"while">;

/** All examples end after the same number of rounds. */
const together = (b: Builder, args: WhileArgs, carry: readonly boolean[]): Batched => {
  const { inputs, batched, attrs, size, vmapInto } = args;
  const first = attrs.numConditionConsts + attrs.numBodyConsts;
  const consts = batched.slice(attrs.numConditionConsts, first);
  const body = batchGraph(vmapInto, attrs.body, [...consts, ...carry], size, carry).graph;
  const condition = batchGraph(
    vmapInto,
    attrs.condition,
    [...batched.slice(0, attrs.numConditionConsts), ...carry],
    size,
  ).graph;
  const start = inputs
    .slice(first)
    .map((v, i) => (carry[i] && !batched[first + i] ? repeat(b, v, size) : v));
  const outputs = b.emit("while", [...inputs.slice(0, first), ...start], {
    ...attrs,
    condition,
    body,
  });
  return { outputs, batched: carry };
};

/** The loop runs as long as any example goes on; those that have ended keep their values. */
const apart = (b: Builder, args: WhileArgs): Batched => {
  const { inputs, batched, attrs, size } = args;
  const { numConditionConsts, numBodyConsts } = attrs;
  const first = numConditionConsts + numBodyConsts;
  const start = inputs.slice(first).map((v, i) => (batched[first + i] ? v : repeat(b, v, size)));
  const [test, step] = batchedLoop(args);
  const shape = [...inputs.slice(0, first), ...start].map((v) => v.type);
  const body = buildGraph(shape, (inner, values) => {
    const [tested, carry] = [values.slice(0, numConditionConsts), values.slice(first)];
    const goesOn = at(inner.inline(test, [...tested, ...carry]), 0);
    const next = inner.inline(step, values.slice(numConditionConsts));
    return carry.map((old, i) =>
      inner.select(inner.broadcastInDim(goesOn, old.type.shape, [0]), at(next, i), old),
    );
  });
  const condition = buildGraph(
    test.inputs.map((v) => v.type),
    (inner, values) => [inner.reduce(at(inner.inline(test, values), 0), "or", [0])],
  );
  const tested = inputs.slice(0, numConditionConsts);
  return everyBatched(
    b.emit("while", [...tested, ...inputs.slice(0, first), ...start], {
      condition,
      body,
      numConditionConsts,
      numBodyConsts: first,
    }),
  );
};

/** Condition and body where every carry is batched. */
const batchedLoop = ({ batched, attrs, size, vmapInto }: WhileArgs): readonly [Graph, Graph] => {
  const { condition, body, numConditionConsts, numBodyConsts } = attrs;
  const first = numConditionConsts + numBodyConsts;
  const all = body.outputs.map(() => true);
  const tested = [...batched.slice(0, numConditionConsts), ...all];
  const stepped = [...batched.slice(numConditionConsts, first), ...all];
  return [
    batchGraph(vmapInto, condition, tested, size, [true]).graph,
    batchGraph(vmapInto, body, stepped, size, all).graph,
  ];
};

/** Which carries differ between examples, and whether the number of rounds does. */
const spread = ({ batched, attrs, size, vmapInto }: WhileArgs) => {
  const { condition, body, numConditionConsts, numBodyConsts }: While = attrs;
  const first = numConditionConsts + numBodyConsts;
  const tested = batched.slice(0, numConditionConsts);
  const consts = batched.slice(numConditionConsts, first);
  const carry = fixpoint(
    batched.slice(first),
    (mask) => batchGraph(vmapInto, body, [...consts, ...mask], size).batched,
  );
  const rounds = batchGraph(vmapInto, condition, [...tested, ...carry], size).batched[0] === true;
  return { carry, rounds };
};

/** Batching of loops whose number of rounds depends on values. */
export const whileLoop: BatchRule<"while"> = (b, args) => {
  const { carry, rounds } = spread(args);
  return rounds ? apart(b, args) : together(b, args, carry);
};
