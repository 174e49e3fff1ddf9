import {
  engine,
  type KernelBackend,
  type KernelFunc,
  type NamedAttrMap,
  Tensor,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import { at, sameShape, sizeOf } from "../ir/shape.ts";
import type { DType, Graph, LiteralData, Shape, TensorType } from "../ir/types.ts";
import type { ConstantPool } from "./constant-pool.ts";
import { driveLater, driveNow, type Stepwise } from "./pause.ts";
import type { Instruction, Program, Slots } from "./program.ts";
import { type Ref, type TfType, tfType, type Val, view } from "./ref.ts";
import { bytesOf, schedule } from "./schedule.ts";
import { elementsOf, type Target, upload } from "./target.ts";

// Results of kernels that read only constants are kept up to this size; beyond it memory is dearer
// than the time to compute them again.
const MAX_PRECOMPUTED = 1 << 22;

/** Operands of a kernel: by name, or a list for the kernels that take one. */
export type KernelInputs = Readonly<Record<string, Ref>> | readonly Ref[];

type Reader = (slots: Slots) => TensorInfo;

const isList = (inputs: KernelInputs): inputs is readonly Ref[] => Array.isArray(inputs);

// A few kernels (Abs on cpu) return a tensor that tfjs already tracks: take its buffer over.
const untrack = (backend: KernelBackend, tensor: Tensor): void => {
  backend.incRef(tensor.dataId);
  tensor.dispose();
  engine().removeDataId(tensor.dataId, backend);
};

/** Lowering of graphs inside graphs, handed in because it needs the table of operations, which uses this. */
export interface Bodies {
  /** Emits the kernels of a body among the others; returns its outputs. */
  inline(e: Emitter, body: Graph, inputs: readonly Val[]): Val[];
  /** A program of its own; `owned` are the positions of inputs that it may free. */
  program(body: Graph, owned: readonly number[]): Program;
}

/** Collects the kernels of one program. */
export class Emitter {
  readonly target: Target;
  readonly pool: ConstantPool;
  readonly bodies: Bodies;
  readonly #instructions: Instruction[] = [];
  readonly #initial: Slots = [];
  readonly #slotShapes: Shape[] = [];
  readonly #slotBytes: number[] = [];
  readonly #inputSlots: number[] = [];
  readonly #owned: number[] = [];
  readonly #scalars = new Map<string, Ref>();
  readonly #literals = new Map<number, ArrayLike<number>>();

  constructor(target: Target, pool: ConstantPool, bodies: Bodies) {
    this.target = target;
    this.pool = pool;
    this.bodies = bodies;
  }

  /** Reserves the next input; `owned` ones are freed after their last use. */
  input(type: TensorType, owned: boolean): Val {
    const ref = this.#slot(type.shape, tfType(type.dtype));
    this.#inputSlots.push(ref.slot);
    if (owned) this.#owned.push(ref.slot);
    return { ...type, ref };
  }

  /** A constant kept on the device as long as the plan; one element fills the whole shape. */
  constant(dtype: TfType, shape: Shape, data: ArrayLike<number>): Ref {
    const ref = this.#slot(shape, dtype);
    const all = data.length === 1 ? new Float64Array(sizeOf(shape)).fill(data[0]!) : data;
    this.#initial[ref.slot] = this.pool.upload(all, shape, dtype);
    this.#literals.set(ref.slot, all);
    return ref;
  }

  /** One number, for kernels that broadcast. */
  scalar(dtype: TfType, value: number): Ref {
    const key = `${dtype} ${Object.is(value, -0) ? "-0" : value}`;
    const known = this.#scalars.get(key);
    if (known !== undefined) return known;
    const ref = this.constant(dtype, [], [value]);
    this.#scalars.set(key, ref);
    return ref;
  }

  /** A value with the same number everywhere; costs one scalar. */
  splat(dtype: DType, shape: Shape, value: number): Val {
    return { shape, dtype, ref: this.scalar(tfType(dtype), value), splat: value };
  }

  literal(type: TensorType, data: LiteralData): Val {
    if (data.length === 1) return this.splat(type.dtype, type.shape, at(data as never, 0));
    const ref = this.constant(tfType(type.dtype), type.shape, data);
    return { ...type, ref, literal: data };
  }

  has(kernel: string): boolean {
    return this.target.find(kernel) !== undefined;
  }

  isConstant(ref: Ref): boolean {
    return this.#initial[ref.slot] !== undefined;
  }

  /** A kernel with one result of the given shape and dtype. */
  kernel(name: string, inputs: KernelInputs, attrs: object, shape: Shape, dtype: TfType): Ref {
    return at(this.kernels(name, inputs, attrs, [{ shape, dtype }]), 0);
  }

  /** A kernel with several results. */
  kernels(
    name: string,
    inputs: KernelInputs,
    attrs: object,
    results: readonly Pick<Ref, "shape" | "dtype">[],
  ): Ref[] {
    const run = this.target.find(name);
    if (run === undefined) {
      throw new Error(
        `kernel ${name} is not registered for the tfjs backend "${this.target.name}"`,
      );
    }
    // A kernel on an empty grid crashes on several backends and has nothing to compute.
    if (results.every(({ shape }) => sizeOf(shape) === 0)) {
      return results.map(({ shape, dtype }) => this.constant(dtype, shape, []));
    }
    const refs = isList(inputs) ? inputs : Object.values(inputs);
    const outputs = results.map(({ shape, dtype }) => this.#slot(shape, dtype));
    const apply = this.#call(run, inputs, attrs, outputs);
    const size = results.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    if (refs.every((ref) => this.isConstant(ref)) && size <= MAX_PRECOMPUTED) {
      apply(this.#initial);
      for (const { slot } of outputs) this.pool.adopt(this.#initial[slot]!);
      return outputs;
    }
    this.#push(name, refs, outputs, { run: apply });
    return outputs;
  }

  /** A step that is not a kernel: control flow, evaluation on the host. */
  step(
    label: string,
    inputs: readonly Ref[],
    results: readonly Pick<Ref, "shape" | "dtype">[],
    body: (infos: readonly TensorInfo[]) => Stepwise<readonly TensorInfo[]>,
    costs: { readonly waits: boolean; readonly kernels: number; readonly scratchBytes?: number },
  ): Ref[] {
    const outputs = results.map(({ shape, dtype }) => this.#slot(shape, dtype));
    const readers = inputs.map((ref) => this.#reader(ref));
    const start = (slots: Slots) => body(readers.map((read) => read(slots)));
    const store = (slots: Slots, infos: readonly TensorInfo[]): void => {
      outputs.forEach(({ slot, shape, dtype }, i) => {
        slots[slot] = { dataId: at(infos, i).dataId, shape: shape as number[], dtype };
      });
    };
    const { waits, ...rest } = costs;
    this.#push(label, inputs, outputs, {
      ...rest,
      run: (slots) => store(slots, driveNow(start(slots))),
      ...(waits && { runAsync: async (slots) => store(slots, await driveLater(start(slots))) }),
    });
    return outputs;
  }

  /** Ends the lowering. */
  finish(outputs: readonly Ref[]): Program {
    const program = schedule({
      outputs: outputs.map((ref) => (this.isConstant(ref) ? this.#copy(ref) : ref)),
      instructions: this.#instructions,
      initial: this.#initial,
      slotBytes: this.#slotBytes,
      inputSlots: this.#inputSlots,
      owned: this.#owned,
    });
    this.pool.claim(program);
    return program;
  }

  // The result of a run is the caller's to dispose; a constant is the plan's.
  #copy(ref: Ref): Ref {
    const { shape, dtype } = ref;
    const literal = this.#literals.get(ref.slot);
    if (literal !== undefined) {
      const { backend } = this.target;
      const costs = { waits: false, kernels: 0 };
      // biome-ignore lint/correctness/useYield: a step that never waits
      const steps = function* (): Stepwise<TensorInfo[]> {
        return [upload(backend, elementsOf(dtype, literal), shape, dtype)];
      };
      return at(this.step("constant", [], [ref], steps, costs), 0);
    }
    const run = this.target.find("Slice")!;
    const flat = view(ref, [sizeOf(shape)]);
    const output = this.#slot(shape, dtype);
    const attrs = { begin: [0], size: flat.shape };
    this.#push("Slice", [ref], [output], { run: this.#call(run, { x: flat }, attrs, [output]) });
    return output;
  }

  #slot(shape: Shape, dtype: TfType): Ref {
    const slot = this.#slotShapes.length;
    this.#slotShapes.push(shape);
    this.#slotBytes.push(bytesOf({ shape, dtype }));
    this.#initial.push(undefined);
    return { slot, shape, dtype };
  }

  #push(
    label: string,
    inputs: readonly Ref[],
    outputs: readonly Ref[],
    body: Partial<Instruction> & Pick<Instruction, "run">,
  ): void {
    this.#instructions.push({
      label,
      scratchBytes: 0,
      kernels: 1,
      ...body,
      inputs: inputs.map((ref) => ref.slot),
      outputs: outputs.map((ref) => ref.slot),
    });
  }

  #reader({ slot, shape, dtype }: Ref): Reader {
    if (sameShape(shape, this.#slotShapes[slot]!)) return (slots) => slots[slot]!;
    const sizes = shape as number[];
    return (slots) => ({ dataId: slots[slot]!.dataId, shape: sizes, dtype });
  }

  #call(
    run: KernelFunc,
    inputs: KernelInputs,
    attrs: object,
    outputs: readonly Ref[],
  ): (slots: Slots) => void {
    const { backend } = this.target;
    const attributes = attrs as NamedAttrMap;
    const given = this.#gather(inputs);
    if (outputs.length === 1) {
      const { slot, shape, dtype } = at(outputs, 0);
      const sizes = shape as number[];
      return (slots) => {
        const out = run({ inputs: given(slots), attrs: attributes, backend });
        const info = Array.isArray(out) ? out[0]! : out;
        if (info instanceof Tensor) untrack(backend, info);
        slots[slot] = { dataId: info.dataId, shape: sizes, dtype };
      };
    }
    return (slots) => {
      const out = run({ inputs: given(slots), attrs: attributes, backend }) as TensorInfo[];
      outputs.forEach(({ slot, shape, dtype }, i) => {
        slots[slot] = { dataId: at(out, i).dataId, shape: shape as number[], dtype };
      });
    };
  }

  #gather(inputs: KernelInputs): (slots: Slots) => never {
    if (isList(inputs)) {
      const readers = inputs.map((ref) => this.#reader(ref));
      return (slots) => readers.map((read) => read(slots)) as never;
    }
    const names = Object.keys(inputs);
    const readers = Object.values(inputs).map((ref) => this.#reader(ref));
    const [a, b] = readers;
    // Almost all kernels; literals with fixed keys keep the call sites monomorphic.
    if (names.join() === "x") return (slots) => ({ x: a!(slots) }) as never;
    if (names.join() === "a,b") return (slots) => ({ a: a!(slots), b: b!(slots) }) as never;
    return (slots) =>
      Object.fromEntries(names.map((name, i) => [name, readers[i]!(slots)])) as never;
  }
}
