import { Builder } from "../ir/builder.ts";
import type { Graph, Value } from "../ir/types.ts";
import { dependents, lazyCopy, nodesFor } from "./copy.ts";
import { flat, givenOf, type LoopBody } from "./loop.ts";

/** One round of a loop, taken apart into its values and its tangents. */
export interface SplitBody {
  /** (consts, carry, xs) → (carry, ys, residuals). */
  readonly primal: Graph;
  /** (some consts, const tangents, carry tangents, residuals, some xs, x tangents) → tangents. */
  readonly linear: Graph;
  /** Which consts the linear part reads. */
  readonly consts: readonly number[];
  /** Which xs the linear part reads. */
  readonly xs: readonly number[];
}

/** Inputs of the linear part that stand for inputs of the loop, declared when they are asked for. */
class Borrowed {
  readonly indices: number[] = [];
  readonly inputs: Value[] = [];
  readonly #b: Builder;
  readonly #from: readonly Value[];

  constructor(b: Builder, from: readonly Value[]) {
    this.#b = b;
    this.#from = from;
  }

  find(value: Value): Value | undefined {
    const index = this.#from.indexOf(value);
    if (index < 0) return undefined;
    const input = this.#b.input(value.type);
    this.indices.push(index);
    this.inputs.push(input);
    return input;
  }
}

/**
 * What the tangents need of the values is passed on as residuals, stacked over the rounds, unless
 * it is cheap or needless to store: consts and xs exist outside, what follows from consts alone or
 * only widens another value is computed again, and so is what the values themselves do not need.
 */
export const splitBody = (body: LoopBody): SplitBody => {
  const { nodes, primals, tangents } = body;
  const primal = new Builder();
  const inputs = new Map(flat(primals).map((v) => [v, primal.input(v.type)]));
  const inPrimal = lazyCopy(primal, nodes, (v) => inputs.get(v));
  const outputs = body.outputs.map(inPrimal);
  const computed = nodesFor(body.outputs);
  const varying = dependents(nodes, [...primals.carry, ...primals.xs]);
  const stored = (v: Value): boolean => {
    if (v.producer === undefined) return primals.carry.includes(v);
    return v.producer.op !== "broadcast_in_dim" && computed.has(v.producer) && varying.has(v);
  };

  const b = new Builder();
  const duals = new Map(givenOf(flat(tangents)).map((t) => [t, b.input(t.type)]));
  const [consts, xs] = [new Borrowed(b, primals.consts), new Borrowed(b, primals.xs)];
  const residuals: Value[] = [];
  const residualInputs: Value[] = [];
  const residual = (v: Value): Value => {
    const input = b.input(v.type);
    residuals.push(inPrimal(v));
    residualInputs.push(input);
    return input;
  };
  const copy = lazyCopy(
    b,
    nodes,
    (v) => duals.get(v) ?? consts.find(v) ?? xs.find(v) ?? (stored(v) ? residual(v) : undefined),
  );
  const tangentOutputs = [...body.carryTangents, ...givenOf(body.stackedTangents)].map(copy);
  const dualInputs = (list: readonly (Value | undefined)[]): Value[] =>
    givenOf(list).map((t) => duals.get(t) as Value);
  return {
    primal: primal.finish([...outputs, ...residuals]),
    linear: {
      inputs: [
        ...consts.inputs,
        ...dualInputs(tangents.consts),
        ...dualInputs(tangents.carry),
        ...residualInputs,
        ...xs.inputs,
        ...dualInputs(tangents.xs),
      ],
      nodes: b.nodes,
      outputs: tangentOutputs,
    },
    consts: consts.indices,
    xs: xs.indices,
  };
};
