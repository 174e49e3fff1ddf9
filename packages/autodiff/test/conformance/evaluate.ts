import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu/dist/backend_cpu";
import * as tf from "@tensorflow/tfjs-core";
import { evaluateGraph, hostTensor } from "../../src/host/index.ts";
import { type Plan, prepare } from "../../src/interpret/index.ts";
import { Builder, literal } from "../../src/ir/builder.ts";
import { isFloat } from "../../src/ir/shape.ts";
import type { Graph, Value } from "../../src/ir/types.ts";
import { optimize } from "../../src/pass/index.ts";
import { tfDType } from "../../src/trace/tensors.ts";
import type { Elements, GraphBackend } from "./backend.ts";

/** A part of the recorded graph as a graph of its own. */
interface Part {
  readonly graph: Graph;
  /** The elements of its inputs. */
  readonly inputs: readonly Elements[];
  /** The values that its outputs compute. */
  readonly values: readonly Value[];
}

/**
 * What a value is computed from, down to known elements. Pending values met on the way are further
 * outputs. With `constants` known scalars become constants of the graph.
 */
const partOf = (backend: GraphBackend, target: Value, constants: boolean): Part => {
  const b = new Builder();
  const inputs: Elements[] = [];
  const map = new Map<Value, Value>();
  const values: Value[] = [];
  const visit = (value: Value): Value => {
    const done = map.get(value);
    if (done !== undefined) return done;
    const elements = backend.known(value);
    if (elements !== undefined) {
      const { type } = value;
      const scalar = constants && type.shape.length === 0;
      const leaf = scalar ? b.constant(type, literal(type.dtype, elements)) : b.input(type);
      if (!scalar) inputs.push(elements);
      map.set(value, leaf);
      return leaf;
    }
    const node = value.producer;
    if (node === undefined) throw new Error("a value is neither computed nor known");
    const outputs = b.emit(node.op, node.inputs.map(visit), node.attrs as never);
    node.outputs.forEach((output, i) => {
      map.set(output, outputs[i]!);
      if (output === target || backend.pending.has(output)) values.push(output);
    });
    return map.get(value)!;
  };
  visit(target);
  return { graph: b.finish(values.map((v) => map.get(v)!)), inputs, values };
};

const learn = (backend: GraphBackend, { values }: Part, results: readonly Elements[]): void => {
  values.forEach((value, i) => {
    backend.learn(value, results[i]!);
  });
};

const runPlan = (plan: Plan, graph: Graph, inputs: readonly Elements[]): Elements[] => {
  const cpu = tf.engine().findBackend("cpu") as MathBackendCPU;
  const infos = inputs.map((elements, i) => {
    const { shape, dtype } = graph.inputs[i]!.type;
    return cpu.makeTensorInfo([...shape], tfDType(dtype), elements);
  });
  const results = plan.run(infos);
  const read = results.map((x) => cpu.readSync(x.dataId) as Elements);
  for (const x of results) x.dispose();
  for (const x of infos) cpu.disposeData(x.dataId);
  return read;
};

/** Optimizes the graph and runs it by the interpreter on tfjs's cpu kernels. */
export const interpreted =
  (constants: boolean) =>
  (backend: GraphBackend, value: Value): Elements => {
    const part = partOf(backend, value, constants);
    const plan = prepare(optimize(part.graph), { backend: "cpu" });
    learn(backend, part, runPlan(plan, part.graph, part.inputs));
    plan.dispose();
    return backend.known(value)!;
  };

/** Evaluates the graph on the host. */
export const onHost = (backend: GraphBackend, value: Value): Elements => {
  const part = partOf(backend, value, false);
  const inputs = part.inputs.map((elements, i) =>
    hostTensor(part.graph.inputs[i]!.type, elements),
  );
  const results = evaluateGraph(part.graph, inputs, { round: "f32" }).map(({ type, data }) => {
    if (isFloat(type.dtype)) return Float32Array.from(data);
    return type.dtype === "bool" ? Uint8Array.from(data) : Int32Array.from(data, (v) => v | 0);
  });
  learn(backend, part, results);
  return backend.known(value)!;
};
