import fc from "fast-check";
import { evaluateGraph, type HostTensor, hostTensor } from "../../src/host/index.ts";
import { Builder } from "../../src/ir/builder.ts";
import { isFloat, showType, sizeOf } from "../../src/ir/shape.ts";
import type { Graph, OpName, Shape, Value } from "../../src/ir/types.ts";
import { generator } from "./random.ts";
import { emitters, type Smoothness } from "./random-nodes.ts";

/** A graph and a point in its domain. */
export interface RandomGraph {
  readonly graph: Graph;
  readonly inputs: readonly HostTensor[];
}

/** Which graphs to draw. */
export interface RandomGraphOptions {
  /** Whether values may have kinks or jump. Default: `"smooth"`. */
  readonly smoothness?: Smoothness | undefined;
  /** Operations to choose from; a chosen one may bring others along that keep it in its domain. */
  readonly ops?: readonly OpName[] | undefined;
  /** Steps that append an operation. Default: 8. */
  readonly maxSteps?: number | undefined;
  /** No value on the way may be larger, so that single precision stays meaningful. Default: 100. */
  readonly limit?: number | undefined;
}

// Sizes 0 and 1 are where rules go wrong; they come often enough at this rate.
const size = fc.oneof(
  { arbitrary: fc.integer({ min: 2, max: 4 }), weight: 8 },
  { arbitrary: fc.constant(1), weight: 2 },
  { arbitrary: fc.constant(0), weight: 1 },
);
const shape = fc.array(size, { maxLength: 3 });

interface Step {
  readonly emitter: number;
  readonly choices: readonly number[];
}

const build = (
  shapes: readonly Shape[],
  steps: readonly Step[],
  options: RandomGraphOptions,
): Graph => {
  const b = new Builder();
  const pool: Value[] = shapes.map((s) => b.input({ shape: s, dtype: "f32" }));
  if (options.smoothness === "any") pool.push(b.input({ shape: [2, 3], dtype: "i32" }));
  const inputs = pool.length;
  const ways = emitters(options.smoothness ?? "smooth", options.ops);
  for (const { emitter, choices } of steps) {
    let next = 0;
    const choose = (n: number) => choices[next++ % choices.length]! % n;
    const pick: (dtype?: Value["type"]["dtype"]) => Value | undefined = (dtype) => {
      const fitting = pool.filter((v) => dtype === undefined || v.type.dtype === dtype);
      return fitting.length === 0
        ? undefined
        : fitting[fitting.length - 1 - choose(fitting.length)];
    };
    const made = ways[emitter % ways.length]!({ b, pick, choose });
    // Larger ones would only make the tests slow.
    for (const v of made ?? []) if (sizeOf(v.type.shape) <= 64) pool.push(v);
  }
  // The last value depends on the most; another one in the middle must not be forgotten either.
  const made = pool.slice(inputs);
  const outputs = [pool[pool.length - 1]!, made[Math.floor(made.length / 2)] ?? pool[0]!];
  return b.finish([...new Set(outputs)]);
};

const pointOf = (graph: Graph, seed: number): HostTensor[] => {
  const random = generator(seed);
  return graph.inputs.map(({ type }) => {
    const draw = isFloat(type.dtype)
      ? () => Math.fround(3 * random() - 1.5)
      : () => Math.floor(9 * random()) - 4;
    return hostTensor(type, Array.from({ length: sizeOf(type.shape) }, draw));
  });
};

/** One line per node, for the report of a counterexample. */
const show = (graph: Graph, inputs: readonly HostTensor[]): string => {
  const names = new Map<Value, string>();
  const define = (v: Value) => {
    names.set(v, `%${names.size}`);
    return `${names.get(v)}: ${showType(v.type)}`;
  };
  const use = (values: readonly Value[]) => values.map((v) => names.get(v)).join(", ");
  const given = graph.inputs.map((v, i) => `${define(v)} = [${inputs[i]!.data.join(", ")}]`);
  const made = graph.nodes.map(
    ({ op, inputs: operands, attrs, outputs }) =>
      `${outputs.map(define).join(", ")} = ${op}(${use(operands)}) ${op === "scan" || op === "call" ? "{…}" : JSON.stringify(attrs)}`,
  );
  return ["", ...given, ...made, `return ${use(graph.outputs)}`, ""].join("\n");
};

const staysWithin = ({ graph, inputs }: RandomGraph, limit: number): boolean => {
  const all = { ...graph, outputs: graph.nodes.flatMap((node) => node.outputs) };
  return evaluateGraph(all, inputs).every(
    ({ type, data }) => !isFloat(type.dtype) || data.every((x) => Math.abs(x) <= limit),
  );
};

/**
 * Draws small graphs that are well-typed by construction, with a point at which every value is
 * finite and small. They shrink toward fewer operations on the most recent values.
 */
export const randomGraphs = (options: RandomGraphOptions = {}): fc.Arbitrary<RandomGraph> =>
  fc
    .record({
      shapes: fc.array(shape, { minLength: 1, maxLength: 3 }),
      steps: fc.array(
        fc.record({
          emitter: fc.nat({ max: 9999 }),
          choices: fc.array(fc.nat({ max: 99 }), { minLength: 6, maxLength: 6 }),
        }),
        { minLength: 1, maxLength: options.maxSteps ?? 8 },
      ),
      seed: fc.integer(),
    })
    .map(({ shapes, steps, seed }) => {
      const graph = build(shapes, steps, options);
      const inputs = pointOf(graph, seed);
      return { graph, inputs, [fc.toStringMethod]: () => show(graph, inputs) };
    })
    .filter((drawn) => staysWithin(drawn, options.limit ?? 100));
