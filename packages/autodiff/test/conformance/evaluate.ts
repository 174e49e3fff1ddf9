import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { evaluateGraph, hostTensor } from "../../src/host/index.ts";
import { type Plan, prepare } from "../../src/interpret/index.ts";
import { isFloat } from "../../src/ir/shape.ts";
import type { Graph } from "../../src/ir/types.ts";
import { optimize } from "../../src/pass/index.ts";
import { tfDType } from "../../src/trace/tensors.ts";
import type { Elements, Force } from "./backend.ts";
import { graphKey } from "./graph-key.ts";
import { type Part, partOf } from "./part.ts";
import { stats } from "./stats.ts";

const count = ({ nodes }: Graph): void => {
  stats.graphs++;
  stats.nodes += nodes.length;
  stats.largestGraph = Math.max(stats.largestGraph, nodes.length);
};

const cpuBackend = (): MathBackendCPU => tf.engine().findBackend("cpu") as MathBackendCPU;

const prepared = (graph: Graph): Plan => prepare(optimize(graph), { backend: "cpu" });

/** Runs a plan on the cpu backend and checks that it leaves nothing behind there. */
const runPlan = (plan: Plan, { graph, inputs }: Part): Elements[] => {
  count(graph);
  const cpu = cpuBackend();
  const before = cpu.numDataIds();
  const infos = inputs.map((elements, i) => {
    const { shape, dtype } = graph.inputs[i]!.type;
    return cpu.makeTensorInfo([...shape], tfDType(dtype), elements);
  });
  const results = plan.run(infos);
  const read = results.map((x) => cpu.readSync(x.dataId) as Elements);
  for (const x of results) x.dispose();
  for (const x of infos) cpu.disposeData(x.dataId);
  const left = cpu.numDataIds() - before;
  if (left !== 0) throw new Error(`the interpreter left ${left} buffers on the backend`);
  return read;
};

const evaluatedBy =
  (run: (part: Part) => readonly Elements[], constants: boolean): Force =>
  (backend, target) => {
    const part = partOf(backend, target, constants);
    const results = run(part);
    part.values.forEach((value, i) => {
      backend.learn(value, results[i]!);
    });
  };

// tfjs makes a new cpu backend after each of its suites.
const plans = new WeakMap<object, Map<string, Plan>>();

const planOf = (graph: Graph): Plan => {
  const cpu = cpuBackend();
  const known = plans.get(cpu) ?? new Map<string, Plan>();
  plans.set(cpu, known);
  const key = graphKey(graph);
  const plan = known.get(key) ?? prepared(graph);
  known.set(key, plan);
  return plan;
};

/** Optimizes the graph and interprets it with tfjs's cpu kernels; a plan serves all equal graphs. */
export const interpretEach: Force = evaluatedBy((part) => runPlan(planOf(part.graph), part), false);

/** The same for graphs that occur once, with known scalars as constants that can be folded. */
export const interpretWhole: Force = evaluatedBy((part) => {
  const plan = prepared(part.graph);
  const results = runPlan(plan, part);
  plan.dispose();
  return results;
}, true);

/** Evaluates the graph on the host. */
export const onHost: Force = evaluatedBy(({ graph, inputs }) => {
  count(graph);
  const given = inputs.map((elements, i) => hostTensor(graph.inputs[i]!.type, elements));
  return evaluateGraph(graph, given, { round: "f32" }).map(({ type, data }) => {
    if (isFloat(type.dtype)) return Float32Array.from(data);
    return type.dtype === "bool" ? Uint8Array.from(data) : Int32Array.from(data, (v) => v | 0);
  });
}, false);
