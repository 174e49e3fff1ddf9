// Matrix products of the cpu package on one thread, without any graph: GFLOPS and the share of the
// peak of 128-bit arithmetic, which is measured in the same run. `node --conditions=@layerwise/source
// src/gemm.ts [seconds per shape]`.

import {
  Builder,
  type ConvAttrs,
  type ConvDims,
  type NodeOf,
  type OpName,
  sizeOf,
} from "@layerwise/autodiff/executor";
// @boundaries-ignore measures what the package does not export
import { convolutionKernels } from "../../packages/cpu/src/convolution/convolution.ts";
// @boundaries-ignore measures what the package does not export
import { declareImports } from "../../packages/cpu/src/kernel/imports.ts";
// @boundaries-ignore measures what the package does not export
import {
  type Allocator,
  type Buffer,
  bufferBytes,
  type Kernel,
} from "../../packages/cpu/src/kernel/kernel.ts";
// @boundaries-ignore measures what the package does not export
import { ConstantTable, writeKernel } from "../../packages/cpu/src/kernel/write.ts";
// @boundaries-ignore measures what the package does not export
import { dotKernels } from "../../packages/cpu/src/product/dot.ts";
// @boundaries-ignore measures what the package does not export
import { type ProductOptions, productLibrary } from "../../packages/cpu/src/product/library.ts";
// @boundaries-ignore measures what the package does not export
import { Code } from "../../packages/cpu/src/wasm/code.ts";
// @boundaries-ignore measures what the package does not export
import { features } from "../../packages/cpu/src/wasm/features.ts";
// @boundaries-ignore measures what the package does not export
import { ModuleBuilder } from "../../packages/cpu/src/wasm/module.ts";

type Layout = "NN" | "NT" | "TN";

const MEMORY = { shared: false, initial: 4096, maximum: 4096 };
const SHAPES: readonly (readonly [Layout, number, number, number])[] = [
  ["NN", 128, 784, 500],
  ["TN", 784, 128, 500],
  ["NT", 128, 500, 784],
  ...([512, 1024, 2048] as const).flatMap((n) =>
    (["NN", "TN", "NT"] as const).map((layout) => [layout, n, n, n] as const),
  ),
  ["NN", 20, 784, 500],
  ["TN", 784, 20, 500],
  ["NT", 20, 500, 784],
  ["NN", 511, 511, 511],
  ["NT", 511, 511, 511],
  ["NN", 264, 264, 264],
  ["NN", 257, 257, 257],
  ["TN", 257, 257, 257],
  ["NT", 257, 257, 257],
  ["NN", 128, 500, 10],
  ["NN", 20, 16, 8],
  ["NN", 1, 784, 500],
  ["NT", 1, 784, 500],
  ["NN", 500, 784, 1],
  ["NN", 4, 784, 500],
];

/** Best and median GFLOPS of many runs. */
const measure = (flops: number, run: () => void, seconds: number): [number, number] => {
  for (let i = 0; i < 20; i++) run();
  const inner = Math.max(1, Math.round(1e6 / flops));
  const times: number[] = [];
  const stop = performance.now() + 1000 * seconds;
  while (performance.now() < stop || times.length < 10) {
    const start = performance.now();
    for (let i = 0; i < inner; i++) run();
    times.push((performance.now() - start) / inner);
  }
  times.sort((a, b) => a - b);
  const gflops = (i: number): number => flops / 1e6 / (times[i] as number);
  return [gflops(0), gflops(times.length >> 1)];
};

/** A loop of multiply-adds on registers only: 12 chains, 4 times each. */
const peak = (fma: boolean): (() => void) => {
  const code = new Code(["i32"]);
  const sums = Array.from({ length: 12 }, () => code.local("v128"));
  const x = code.local("v128");
  code.f32(1).op("f32x4.splat").set(x);
  code.loop((again) => {
    for (let u = 0; u < 4; u++) {
      for (const s of sums) {
        code.get(x).get(x);
        if (fma) code.get(s).op("f32x4.relaxed_madd").set(s);
        else code.op("f32x4.mul").get(s).op("f32x4.add").set(s);
      }
    }
    code.get(code.param(0)).i32(1).op("i32.sub").tee(code.param(0)).brIf(again);
  });
  for (const s of sums) code.i32(0).get(s).memory("v128.store");
  const module = new ModuleBuilder();
  module.importMemory(MEMORY);
  module.add(code, "run");
  const env = { memory: new WebAssembly.Memory(MEMORY) };
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.build()), { env });
  return () => (instance.exports.run as (n: number) => void)(10000);
};
const PEAK_FLOPS = 10000 * 4 * 12 * 8;

const dotNode = (layout: Layout, m: number, k: number, n: number): NodeOf<"dot_general"> => {
  const b = new Builder();
  const x = b.input({ dtype: "f32", shape: layout === "TN" ? [k, m] : [m, k] });
  const y = b.input({ dtype: "f32", shape: layout === "NT" ? [n, k] : [k, n] });
  const [out] = b.emit("dot_general", [x, y], {
    lhsBatch: [],
    rhsBatch: [],
    lhsContracting: [layout === "TN" ? 0 : 1],
    rhsContracting: [layout === "NT" ? 1 : 0],
  });
  return out?.producer as unknown as NodeOf<"dot_general">;
};

/** A function that runs all chunks of a node. */
const prepare = <K extends OpName>(
  lower: (node: NodeOf<K>, allocator: Allocator) => readonly Kernel[],
  node: NodeOf<K>,
  options: ProductOptions,
): (() => void) => {
  const buffers = new Map<unknown, Buffer>();
  const places: Buffer[] = [];
  const add = (dtype: Buffer["dtype"], size: number): Buffer => {
    places.push({ dtype, size });
    return places[places.length - 1] as Buffer;
  };
  for (const value of [...node.inputs, ...node.outputs]) {
    buffers.set(value, add(value.type.dtype, sizeOf(value.type.shape)));
  }
  const allocator: Allocator = { bufferOf: (v) => buffers.get(v) as Buffer, temporary: add };
  const kernels = lower(node, allocator);
  const library = productLibrary(MEMORY, options);
  const module = new ModuleBuilder();
  module.importMemory(MEMORY);
  const imports = declareImports(module, library.signatures);
  const constants = new ConstantTable();
  const placeOf = (buffer: Buffer) => ({ slot: 1 + places.indexOf(buffer), offset: 0 });
  kernels.forEach((kernel, i) => {
    module.exportFunction(
      `kernel${i}`,
      writeKernel(kernel, { module, constants, placeOf, ...imports }),
    );
  });
  const memory = new WebAssembly.Memory(MEMORY);
  let end = 4096;
  const table = new Uint32Array(memory.buffer, 64, places.length + 1);
  places.forEach((buffer, i) => {
    table[i + 1] = end;
    const data = new Float32Array(memory.buffer, end, buffer.size);
    for (let j = 0; j < data.length; j++) data[j] = Math.random() - 0.5;
    // Not a multiple of 4096, or arrays of powers of 2 fall into the same lines of the cache.
    end = Math.ceil((end + bufferBytes(buffer)) / 64) * 64 + 320;
  });
  const env = { memory };
  const products = new WebAssembly.Instance(new WebAssembly.Module(library.bytes), { env });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.build()), {
    env,
    math: Math as never,
    library: products.exports,
  });
  const functions = kernels.map(
    ({ chunks }, i) =>
      [
        instance.exports[`kernel${i}`] as (a: number, c: number, s: number) => void,
        chunks,
      ] as const,
  );
  return () => {
    for (const [run, chunks] of functions) for (let c = 0; c < chunks; c++) run(64, c, end);
  };
};

type Conv = readonly [
  name: string,
  batch: number,
  size: number,
  from: number,
  to: number,
  window: number,
  stride: number,
];
const CONVOLUTIONS: readonly Conv[] = [
  ["3x3", 32, 28, 1, 32, 3, 1],
  ["3x3", 32, 26, 32, 64, 3, 1],
  ["3x3", 4, 56, 64, 64, 3, 1],
  ["3x3", 4, 14, 256, 256, 3, 1],
  ["3x3 stride 2", 4, 57, 64, 128, 3, 2],
  ["1x1", 4, 28, 128, 256, 1, 1],
  ["7x7 stride 2", 1, 224, 3, 64, 7, 2],
];

/** Nodes of an NHWC convolution and of its gradients, with operations in useful products. */
const convNodes = ([, batch, size, from, to, window, stride]: Conv) => {
  const out = Math.floor((size - window) / stride) + 1;
  const rest = size - window - (out - 1) * stride;
  const x = [batch, size, size, from];
  const w = [window, window, from, to];
  const y = [batch, out, out, to];
  const pair = <T>(v: T): readonly [T, T] => [v, v];
  const node = (dims: ConvDims, lhs: number[], rhs: number[], given: Partial<ConvAttrs>) => {
    const b = new Builder();
    const inputs = [lhs, rhs].map((shape) => b.input({ dtype: "f32", shape }));
    const [result] = b.emit("convolution", inputs, {
      dims,
      strides: [1, 1],
      padding: pair([0, 0] as const),
      lhsDilation: [1, 1],
      rhsDilation: [1, 1],
      featureGroups: 1,
      batchGroups: 1,
      ...given,
    });
    return result?.producer as unknown as NodeOf<"convolution">;
  };
  const images = {
    lhsBatch: 0,
    lhsFeature: 3,
    lhsSpatial: [1, 2],
    outBatch: 0,
    outFeature: 3,
    outSpatial: [1, 2],
  };
  const forward = { ...images, rhsInputFeature: 2, rhsOutputFeature: 3, rhsSpatial: [0, 1] };
  const input = { ...images, rhsInputFeature: 3, rhsOutputFeature: 2, rhsSpatial: [0, 1] };
  const kernel: ConvDims = {
    lhsBatch: 3,
    lhsFeature: 0,
    lhsSpatial: [1, 2],
    rhsInputFeature: 0,
    rhsOutputFeature: 3,
    rhsSpatial: [1, 2],
    outBatch: 2,
    outFeature: 3,
    outSpatial: [0, 1],
  };
  return {
    flops: 2 * batch * out * out * to * window * window * from,
    forward: node(forward, x, w, { strides: pair(stride) }),
    input: node(input, y, w, {
      lhsDilation: pair(stride),
      padding: pair([window - 1, window - 1 + rest] as const),
    }),
    kernel: node(kernel, x, y, { rhsDilation: pair(stride), padding: pair([0, -rest] as const) }),
  };
};

const seconds = Number(process.argv[2] ?? 0.5);
for (const fma of features().fma ? [true, false] : [false]) {
  const options = { fma };
  const top = (): number => measure(PEAK_FLOPS, peak(fma), 0.3)[0];
  console.log(`${fma ? "multiply-add" : "multiply, add"}: peak ${top().toFixed(1)} GFLOPS`);
  for (const [layout, m, k, n] of SHAPES) {
    const run = prepare(dotKernels, dotNode(layout, m, k, n), options);
    const limit = top();
    const [best, median] = measure(2 * m * k * n, run, seconds);
    const share = ((100 * best) / Math.max(limit, top())).toFixed(0);
    const name = `${layout} ${m},${k},${n}`.padEnd(20);
    console.log(
      `${name} ${best.toFixed(1).padStart(6)} / ${median.toFixed(1).padStart(5)}  ${share} % of peak`,
    );
  }
  for (const shape of CONVOLUTIONS) {
    const { flops, ...nodes } = convNodes(shape);
    const [name, batch, size, from, to] = shape;
    const shares = Object.entries(nodes).map(([part, node]) => {
      const limit = top();
      const [best] = measure(flops, prepare(convolutionKernels, node, options), seconds);
      return `${part} ${best.toFixed(1)} (${((100 * best) / Math.max(limit, top())).toFixed(0)} %)`;
    });
    console.log(`${name} ${batch}x${size}x${size}x${from} to ${to}`.padEnd(32), shares.join("  "));
  }
}
