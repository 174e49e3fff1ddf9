// What our executor makes of a step on one thread: `executor.ts FIXTURES`, an `ExecutorTimes` as JSON on stdout.
import process from "node:process";
import { optimize, type TensorTree, trace, treeLeaves } from "@layerwise/autodiff";
import { cpu } from "@layerwise/cpu";
// @boundaries-ignore measures what the package does not export
import { Engine } from "../../packages/cpu/src/engine/engine.ts";
import { begin, stepOf } from "./contestants/layerwise.ts";
import { productsOf, smallInputs, stepTime } from "./engine-steps.ts";
import { type Fixtures, readFixtures, type Values } from "./fixtures.ts";
import { median } from "./statistics.ts";

/** Milliseconds of the stages of `compile`. */
export interface Stages {
  readonly trace: number;
  readonly optimize: number;
  readonly prepare: number;
}

export interface ExecutorTimes {
  readonly workload: string;
  /** Nodes of the optimized graph. */
  readonly nodes: number;
  /** The first time in the process: JavaScript itself is compiled too. */
  readonly first: Stages;
  readonly again: Stages;
  /** Milliseconds of a step, and of its products alone. */
  readonly step: number;
  readonly products: number;
}

const engine = new Engine({ threads: 1 });

function build(fixtures: Fixtures, carry: ReturnType<typeof begin>) {
  const spec = ({ shape }: Values) => ({ shape, dtype: "float32" as const });
  const args = [carry, spec(fixtures.x[0] as Values), spec(fixtures.y[0] as Values)];
  const times: number[] = [];
  const timed = <T>(make: () => T): T => {
    const start = performance.now();
    const made = make();
    times.push(performance.now() - start);
    return made;
  };
  const step = stepOf(fixtures.workload);
  // What the next step takes comes first: trees are flattened by sorted keys, lists as they are.
  const inOrder = (...given: Parameters<typeof step>) => {
    const { loss, ...next } = step(...given);
    return [next, loss];
  };
  const traced = timed(() => trace(inOrder, args));
  const graph = timed(() => optimize(traced.graph));
  // All but the batch is replaced by the step.
  const donate = graph.inputs.slice(0, -2).map((_, i) => i);
  const prepared = timed(() => engine.prepare(graph, donate));
  const [tracing, optimizing, preparing] = times as [number, number, number];
  const stages: Stages = { trace: tracing, optimize: optimizing, prepare: preparing };
  return { graph, donate, prepared, stages };
}

await cpu({ threads: 1 });
await engine.pool.ready();
const fixtures = await readFixtures(process.argv[2] as string);
const carry = begin(fixtures);
const { graph, donate, prepared, stages: first } = build(fixtures, carry);
const again = Array.from({ length: 9 }, () => {
  const { prepared: other, stages } = build(fixtures, carry);
  other.dispose();
  return stages;
});
const state = treeLeaves(carry as unknown as TensorTree).map((leaf) => leaf.dataSync());
const batch = [fixtures.x, fixtures.y].map(([values]) => (values as Values).data);
const step = stepTime(engine, prepared, [...state, ...batch], donate);
const products = productsOf(graph);
const bare = engine.prepare(products, []);
const times: ExecutorTimes = {
  workload: fixtures.workload.name,
  nodes: graph.nodes.length,
  first,
  again: {
    trace: median(again.map((stages) => stages.trace)),
    optimize: median(again.map((stages) => stages.optimize)),
    prepare: median(again.map((stages) => stages.prepare)),
  },
  step,
  products: stepTime(engine, bare, smallInputs(products)),
};
console.log(JSON.stringify(times));
process.exit(0);
