import {
  at,
  type Graph,
  type NodeOf,
  range,
  sizeOf,
  type Value,
} from "@layerwise/autodiff/executor";
import type { Buffer, Kernel } from "../kernel/kernel.ts";
import type { Place } from "../kernel/write.ts";
import { placeInArena } from "./arena.ts";
import { Buffers, type ConstantData, ownerOf, type PlannedBuffer } from "./buffers.ts";
import {
  ARENA_SLOT,
  costOf,
  DATA_SLOT,
  INPUT_SLOT,
  type Item,
  type Plan,
  type ScanItem,
} from "./item.ts";
import { copyKernel, type LoopContext, loopKernels } from "./loops.ts";
import { nodeKernels, readsViews } from "./lowerings.ts";
import { type Unit, unitsOf } from "./units.ts";
import { isContiguous, isSplat, isWhole, type View, viewsOf } from "./view.ts";

/** Plans a graph without calls; `donate` are inputs that are not needed after the run. */
export const planGraph = (
  graph: Graph,
  constants: ConstantData,
  donate: readonly number[] = [],
): Plan => new Planner(graph, constants).plan(donate);

class Planner {
  readonly #graph: Graph;
  readonly #constants: ConstantData;
  readonly #views: ReadonlyMap<Value, View>;
  readonly #buffers: Buffers;
  readonly #units: readonly Unit[];
  readonly #items: Item[] = [];
  readonly #copies = new Map<string, PlannedBuffer>();
  readonly #stored = new Set<Value>();

  constructor(graph: Graph, constants: ConstantData) {
    this.#graph = graph;
    this.#constants = constants;
    this.#views = viewsOf(graph);
    this.#buffers = new Buffers(constants);
    this.#units = unitsOf(graph, this.#views);
  }

  plan(donate: readonly number[]): Plan {
    const { inputs, outputs } = this.#graph;
    const inputBuffers = inputs.map((value, index) => {
      const buffer = this.#buffers.of(value);
      buffer.home = { kind: "input", index };
      return buffer;
    });
    this.#findStored();
    const late: (() => void)[] = [];
    const outputBuffers = outputs.map((value, index) => this.#output(value, index, late));
    for (const unit of this.#units) this.#lower(unit);
    for (const copy of late) copy();
    const { offsets, arenaBytes, reuse } = placeInArena(
      this.#items,
      this.#buffers.all,
      inputBuffers,
      outputBuffers,
      donate,
    );
    const outputSlot = INPUT_SLOT + inputs.length;
    const placeOf = (buffer: Buffer): Place => {
      const { owner, offset } = ownerOf(buffer);
      const { home } = owner;
      switch (home.kind) {
        case "input":
          return { slot: INPUT_SLOT + home.index, offset };
        case "output":
          return { slot: outputSlot + home.index, offset };
        case "constant":
          return { slot: DATA_SLOT, offset: home.offset + offset };
        default:
          return { slot: ARENA_SLOT, offset: (offsets.get(owner) ?? 0) + offset };
      }
    };
    const cost = this.#items.reduce((sum, item) => sum + costOf(item), 0);
    return {
      items: this.#items,
      inputs: inputBuffers,
      outputs: outputBuffers,
      arenaBytes,
      cost,
      reuse,
      placeOf,
    };
  }

  #view(value: Value): View {
    return this.#views.get(value) as View;
  }

  /** Values that are read outside of the loop that computes them need memory. */
  #findStored(): void {
    const unitOf = new Map(
      this.#units.flatMap((unit) => unit.nodes.map((n) => [n, unit] as const)),
    );
    for (const unit of this.#units) {
      for (const node of unit.nodes) {
        node.inputs.forEach((value, i) => {
          const view = this.#view(value);
          const { producer } = view.root;
          const inside = producer !== undefined && unitOf.get(producer) === unit;
          const key = node.op === "threefry2x32" && i === 0;
          if (!inside || !isWhole(view) || key) this.#stored.add(view.root);
        });
      }
    }
    for (const value of this.#graph.outputs) this.#stored.add(this.#view(value).root);
  }

  /** The kernel that computes an output writes it in place, unless the value is also something else. */
  #output(value: Value, index: number, late: (() => void)[]): PlannedBuffer {
    const view = this.#view(value);
    const { producer } = view.root;
    const computed = producer !== undefined && producer.op !== "constant" && producer.op !== "iota";
    const home = { kind: "output", index } as const;
    if (computed && isWhole(view)) {
      const buffer = this.#buffers.of(view.root);
      if (buffer.home.kind === "arena") {
        buffer.home = home;
        return buffer;
      }
    }
    const { shape, dtype } = value.type;
    const buffer = this.#buffers.make(dtype, sizeOf(shape), home);
    late.push(() => this.#kernel(copyKernel(view, buffer, this.#buffers)));
    return buffer;
  }

  #kernel(kernel: Kernel): void {
    this.#items.push({ kind: "kernel", kernel });
  }

  /** A buffer with the elements of a value one after another. */
  #materialized(value: Value): PlannedBuffer {
    const view = this.#view(value);
    const { root, offset, shape, strides } = view;
    const inMemory = !isSplat(root) && root.producer?.op !== "iota";
    if (inMemory && isContiguous(view)) {
      return this.#buffers.part(this.#buffers.of(root), offset, sizeOf(shape));
    }
    const id = this.#ids.get(root) ?? this.#ids.size;
    this.#ids.set(root, id);
    const key = `${id}:${offset}:${shape}:${strides}`;
    const known = this.#copies.get(key);
    if (known !== undefined) return known;
    const buffer = this.#buffers.make(value.type.dtype, sizeOf(shape));
    this.#copies.set(key, buffer);
    this.#kernel(copyKernel(view, buffer, this.#buffers));
    return buffer;
  }
  readonly #ids = new Map<Value, number>();

  #lower(unit: Unit): void {
    if (unit.sizes !== undefined) {
      const context: LoopContext = {
        views: this.#views,
        buffers: this.#buffers,
        isStored: (value) => this.#stored.has(value),
      };
      for (const kernel of loopKernels(unit, context)) this.#kernel(kernel);
      return;
    }
    const node = at(unit.nodes, 0);
    if (node.op === "scan") this.#scan(node);
    else if (node.op === "while") this.#while(node);
    else {
      const operands = new Map<Value, PlannedBuffer>();
      if (!readsViews(node)) for (const v of node.inputs) operands.set(v, this.#materialized(v));
      const allocator = {
        bufferOf: (value: Value) => operands.get(value) ?? this.#buffers.of(value),
        temporary: (dtype: Buffer["dtype"], size: number) => this.#buffers.make(dtype, size),
      };
      const context = { views: this.#views, buffers: this.#buffers, allocator };
      for (const kernel of nodeKernels(node, context)) this.#kernel(kernel);
    }
  }

  #scan(node: NodeOf<"scan">): void {
    const { body, length, reverse, numConsts, numCarry } = node.attrs;
    const operands = node.inputs.map((v) => this.#materialized(v));
    const results = node.outputs.map((v) => this.#buffers.of(v));
    const plan = planGraph(body, this.#constants);
    this.#items.push({
      kind: "scan",
      body: plan,
      length,
      reverse,
      constants: operands.slice(0, numConsts),
      carries: range(numCarry).map((i) => this.#carry(at(operands, numConsts + i), at(results, i))),
      slices: operands.slice(numConsts + numCarry),
      stacked: results.slice(numCarry),
      arena: this.#buffers.make("bool", plan.arenaBytes),
    });
  }

  #carry(initial: PlannedBuffer, result: PlannedBuffer): ScanItem["carries"][number] {
    return { initial, result, other: this.#buffers.make(result.dtype, result.size) };
  }

  #while(node: NodeOf<"while">): void {
    const { condition, body, numConditionConsts, numBodyConsts } = node.attrs;
    const operands = node.inputs.map((v) => this.#materialized(v));
    const results = node.outputs.map((v) => this.#buffers.of(v));
    const first = numConditionConsts + numBodyConsts;
    const plans = [condition, body].map((graph) => planGraph(graph, this.#constants));
    const [conditionPlan, bodyPlan] = plans as [Plan, Plan];
    this.#items.push({
      kind: "while",
      condition: conditionPlan,
      body: bodyPlan,
      conditionConstants: operands.slice(0, numConditionConsts),
      bodyConstants: operands.slice(numConditionConsts, first),
      carries: results.map((result, i) => this.#carry(at(operands, first + i), result)),
      answer: this.#buffers.make("bool", 1),
      arena: this.#buffers.make("bool", Math.max(...plans.map((p) => p.arenaBytes))),
    });
  }
}
