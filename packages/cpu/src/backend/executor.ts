import {
  type Executable,
  type Executor,
  expandLinearCalls,
  type Graph,
  sameShape,
  showType,
  tfDType,
} from "@layerwise/autodiff/executor";
import { engine, type Tensor } from "@tensorflow/tfjs-core";
import type { LayerwiseCPU } from "./backend.ts";
import type { Prepared } from "./engine.ts";
import { type Entry, NOWHERE } from "./entry.ts";

const check = (graph: Graph, inputs: readonly Tensor[]): void => {
  if (inputs.length !== graph.inputs.length) {
    throw new Error(`executor: expected ${graph.inputs.length} inputs, got ${inputs.length}`);
  }
  graph.inputs.forEach(({ type }, i) => {
    const { shape, dtype } = inputs[i]!;
    if (!sameShape(type.shape, shape) || tfDType(type.dtype) !== dtype) {
      const given = `${dtype}[${shape.join(",")}]`;
      throw new Error(`executor: input ${i}: expected ${showType(type)}, got ${given}`);
    }
  });
};

/** Which donated inputs have elements that belong to nobody else. */
const ownedOf = (entries: readonly Entry[], donate: ReadonlySet<number>): boolean[] =>
  entries.map((entry, i) => {
    const alone = entry.refCount === 1 && entry.uses === 0 && entry.address !== NOWHERE;
    return donate.has(i) && alone && entries.indexOf(entry) === entries.lastIndexOf(entry);
  });

const runOn = (
  backend: LayerwiseCPU,
  graph: Graph,
  prepared: Prepared,
  donate: ReadonlySet<number>,
  inputs: readonly Tensor[],
): Tensor[] => {
  const entries = inputs.map((x) => backend.entryOf(x.dataId));
  if (entries.some((entry) => entry.pending)) backend.recorder.flush();
  const owned = ownedOf(entries, donate);
  const { storage, device } = backend;
  const addresses = storage.withAddresses(entries, (given) => prepared.run(given, owned));
  const taken = new Set(addresses);
  entries.forEach((entry, i) => {
    if (owned[i] && taken.has(entry.address)) storage.takeOver(entry);
  });
  for (const i of donate) inputs[i]!.dispose();
  return graph.outputs.map(({ type }, i) => {
    const adopted = backend.adopt(device.types.of(tfDType(type.dtype), type.shape), addresses[i]!);
    return engine().makeTensorFromTensorInfo(adopted, backend);
  });
};

/** The executor of graphs that `compile` has traced, for the backend that `getBackend` returns. */
export const makeExecutor =
  (getBackend: () => LayerwiseCPU): Executor =>
  (traced, options): Executable => {
    const graph = expandLinearCalls(traced);
    const donate = new Set(options.donate);
    const backend = getBackend();
    const prepared = backend.device.engine.prepare(graph, options.donate);
    const run = (inputs: readonly Tensor[]): Tensor[] => {
      check(graph, inputs);
      return runOn(backend, graph, prepared, donate, inputs);
    };
    return {
      run,
      runAsync: async (inputs) => run(inputs),
      dispose: () => prepared.dispose(),
    };
  };
