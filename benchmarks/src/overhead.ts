// What a step costs besides arithmetic: `overhead.ts FIXTURES…`, an `Overhead` as JSON on stdout.
import process from "node:process";
import { type Graph, interpreter, optimize, trace } from "@layerwise/autodiff";
import { cpu } from "@layerwise/cpu";
import * as tf from "@tensorflow/tfjs-core";
// In Node this is what registers the gradients of tfjs-core's kernels.
import "@tensorflow/tfjs-layers";
import { begin, stepOf } from "./contestants/layerwise.ts";
import { forward, lossOf, tfOptimizer, toBatches, toTensor } from "./contestants/tfjs-model.ts";
import { type Fixtures, readFixtures } from "./fixtures.ts";
import { median } from "./statistics.ts";

/** Microseconds per kernel in a chain of kernels on [size, size]. */
export interface ChainTimes {
  readonly size: number;
  /** The kernels called directly, with nothing around them. */
  readonly raw: number;
  /** As a compiled function, run by the interpreter. */
  readonly compiled: number;
  /** As tfjs ops. */
  readonly eager: number;
}

/** Milliseconds of the stages of `compile`. */
export interface Stages {
  readonly trace: number;
  readonly optimize: number;
  readonly prepare: number;
}

export interface Overhead {
  readonly chain: readonly ChainTimes[];
  readonly compile: readonly {
    readonly workload: string;
    readonly kernels: { readonly layerwise: number; readonly tfjs: number };
    /** The first time in the process: JavaScript itself is compiled too. */
    readonly cold: Stages;
    readonly warm: Stages;
  }[];
}

const LENGTH = 100;

function chainTimes(size: number): ChainTimes {
  const x = tf.ones([size, size]);
  const y = tf.ones([size, size]);
  const ops = (v: tf.Tensor): tf.Tensor => {
    for (let i = 0; i < LENGTH; i++) v = i % 2 ? tf.tanh(v) : tf.add(v, y);
    return v;
  };
  const run = interpreter(optimize(trace(ops, [x]).graph), { donate: [] });
  const backend = tf.backend();
  const kernel = (name: string) => tf.getKernel(name, tf.getBackend()).kernelFunc;
  const [add, tanh] = [kernel("Add"), kernel("Tanh")];
  const raw = (): void => {
    let v: tf.TensorInfo = x;
    for (let i = 0; i < LENGTH; i++) {
      const inputs: tf.NamedTensorInfoMap = i % 2 ? { x: v } : { a: v, b: y };
      const next = (i % 2 ? tanh : add)({ inputs, attrs: {}, backend }) as tf.TensorInfo;
      if (v !== x) backend.disposeData(v.dataId);
      v = next;
    }
    backend.disposeData(v.dataId);
  };
  const compiled = (): void => {
    // A closed-over tensor comes first.
    for (const out of run.run([y, x])) out.dispose();
  };
  const eager = (): void => {
    tf.tidy(() => void ops(x));
  };
  const samples = { raw: [] as number[], compiled: [] as number[], eager: [] as number[] };
  for (let i = 0; i < 600; i++) {
    for (const [name, once] of Object.entries({ raw, compiled, eager })) {
      const start = performance.now();
      once();
      const us = ((performance.now() - start) * 1000) / LENGTH;
      if (i >= 200) samples[name as keyof typeof samples].push(us);
    }
  }
  return {
    size,
    raw: median(samples.raw),
    compiled: median(samples.compiled),
    eager: median(samples.eager),
  };
}

function compileTimes(fixtures: Fixtures): Stages {
  const carry = begin(fixtures);
  const [batch] = toBatches(fixtures) as [{ x: tf.Tensor; y: tf.Tensor }];
  const times: number[] = [];
  const timed = <T>(make: () => T): T => {
    const start = performance.now();
    const made = make();
    times.push(performance.now() - start);
    return made;
  };
  const args = [carry, batch.x, batch.y] as const;
  const { graph } = timed(() => trace(stepOf(fixtures.workload), [...args]));
  const optimized: Graph = timed(() => optimize(graph));
  timed(() => interpreter(optimized, { donate: [] })).dispose();
  const [traced, optimizing, preparing] = times as [number, number, number];
  return { trace: traced, optimize: optimizing, prepare: preparing };
}

/** Kernels that a step launches in a compiled function and in plain tfjs. */
async function countKernels(fixtures: Fixtures): Promise<{ layerwise: number; tfjs: number }> {
  const { workload } = fixtures;
  const carry = begin(fixtures);
  const [batch] = toBatches(fixtures) as [{ x: tf.Tensor; y: tf.Tensor }];
  const { graph } = trace(stepOf(workload), [carry, batch.x, batch.y]);
  const plan = interpreter(optimize(graph), { donate: [] }) as unknown as {
    readonly stats: { readonly kernels: number };
  };
  const params = fixtures.params.map((values) => tf.variable(toTensor(values)));
  const optimizer = tfOptimizer(workload);
  const step = (): void => {
    const loss = (): tf.Scalar => lossOf(workload)(batch.y, forward(workload, params, batch.x));
    optimizer.minimize(loss, false, params);
  };
  // The first step also makes the optimizer's own variables.
  step();
  const { kernels } = await tf.profile(() => tf.tidy(step));
  return { layerwise: plan.stats.kernels, tfjs: kernels.length };
}

await cpu();
const compile: Overhead["compile"][number][] = [];
for (const path of process.argv.slice(2)) {
  const fixtures = await readFixtures(path);
  const cold = compileTimes(fixtures);
  const again = Array.from({ length: 15 }, () => compileTimes(fixtures));
  const warm = {
    trace: median(again.map((stages) => stages.trace)),
    optimize: median(again.map((stages) => stages.optimize)),
    prepare: median(again.map((stages) => stages.prepare)),
  };
  const { name } = fixtures.workload;
  compile.push({ workload: name, kernels: await countKernels(fixtures), cold, warm });
}
const chain = [4, 64].map(chainTimes);
console.log(JSON.stringify({ chain, compile } satisfies Overhead));
