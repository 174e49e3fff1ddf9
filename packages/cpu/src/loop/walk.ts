import { at } from "@layerwise/autodiff/executor";
import type { KernelContext } from "../kernel/kernel.ts";
import type { Code } from "../wasm/code.ts";
import type { Local } from "../wasm/locals.ts";
import { type Nest, trackBytes } from "./nest.ts";
import type { Place, StepWriter } from "./steps.ts";

/** A loop of the generated code. */
export interface CodeLoop {
  readonly size: number;
  /** Elements per step, for each track. */
  readonly strides: readonly number[];
  /** Only the part of this length that belongs to the number of the chunk. */
  readonly chunk?: number | undefined;
  /** Only the part of length `size` that belongs to the index of the loop at depth `of`, further out. */
  readonly blocks?: { readonly of: number; readonly size: number } | undefined;
}

/** What runs inside the loops. */
export interface Body {
  /** Inside the outer `level` loops, before the others and after them. */
  before?(level: number, place: Place): void;
  after?(level: number, place: Place): void;
  /** Inside all loops. */
  inner(place: Place): void;
}

interface Range {
  readonly lo: Local | undefined;
  /** Undefined: the size. */
  readonly hi: Local | undefined;
}

/** Nested loops around a body. The one at `vector` runs over vectors of its axis, `slots` at a time. */
export class Walk {
  readonly #code: Code;
  readonly #context: KernelContext;
  readonly #nest: Nest;
  readonly #loops: readonly CodeLoop[];
  readonly #vector: number;
  readonly #slots: number;
  readonly #steps: StepWriter;
  readonly #body: Body;
  readonly #counters = new Map<number, Local>();

  constructor(
    context: KernelContext,
    nest: Nest,
    plan: {
      readonly loops: readonly CodeLoop[];
      readonly vector: number;
      readonly slots: number;
    },
    steps: StepWriter,
    body: Body,
  ) {
    this.#code = context.code;
    this.#context = context;
    this.#nest = nest;
    this.#loops = plan.loops;
    this.#vector = plan.vector;
    this.#slots = plan.slots;
    this.#steps = steps;
    this.#body = body;
  }

  /** The index of the loop at a depth around the place where code is emitted. */
  counter(depth: number): Local {
    const counter = this.#counters.get(depth);
    if (counter === undefined) throw new Error("not inside this loop");
    return counter;
  }

  /** Emits everything. */
  run(): void {
    const pointers = this.#nest.tracks.map((track) => {
      const { buffer, offset } = track;
      if (buffer !== undefined && offset === 0) return this.#context.address(buffer);
      const pointer = this.#code.local("i32");
      this.#code.i32(offset * trackBytes(track));
      if (buffer !== undefined) this.#code.get(this.#context.address(buffer)).op("i32.add");
      this.#code.set(pointer);
      return pointer;
    });
    this.#level(0, { pointers, slots: 1, width: this.#vector < 0 ? 1 : 4 });
  }

  #level(level: number, place: Place): void {
    if (level === this.#loops.length) {
      this.#body.before?.(level, place);
      this.#body.inner(place);
      this.#body.after?.(level, place);
      return;
    }
    const values = this.#steps.computeLevel(level, place);
    this.#body.before?.(level, place);
    this.#loop(level, place);
    this.#body.after?.(level, place);
    this.#code.release(...values);
  }

  #loop(level: number, place: Place): void {
    const code = this.#code;
    const loop = at(this.#loops, level);
    const { lo, hi } = this.#range(loop);
    const own: Local[] = [];
    const pointers = place.pointers.map((outer, track) => {
      const stride = at(loop.strides, track) * trackBytes(at(this.#nest.tracks, track));
      if (stride === 0) return outer;
      const pointer = code.local("i32");
      own.push(pointer);
      code.get(outer);
      if (lo !== undefined) code.get(lo).i32(stride).op("i32.mul").op("i32.add");
      code.set(pointer);
      return pointer;
    });
    const counter = code.local("i32");
    this.#counters.set(level, counter);
    if (lo === undefined) code.i32(0);
    else code.get(lo);
    code.set(counter);
    const turn = { strides: loop.strides, hi, counter, pointers };
    if (level !== this.#vector) {
      const inside = { ...place, pointers };
      this.#repeat({ ...turn, step: 1, from: 0, to: loop.size }, () =>
        this.#level(level + 1, inside),
      );
    } else {
      let from = 0;
      for (const slots of this.#slots === 1 ? [1] : [this.#slots, 1]) {
        const step = 4 * slots;
        const to = loop.size - ((loop.size - from) % step);
        this.#repeat({ ...turn, step, from, to }, () =>
          this.#level(level + 1, { pointers, slots, width: 4 }),
        );
        from = to;
      }
      const width = loop.size % 4;
      const tail = (): void => this.#level(level + 1, { pointers, slots: 1, width });
      // Parts end at multiples of 4, so that only the last one has a tail.
      if (width > 0 && hi !== undefined) code.get(hi).i32(loop.size).op("i32.eq").if(tail);
      else if (width > 0) tail();
    }
    code.release(counter, ...own);
    if (lo !== undefined) code.release(lo);
    if (hi !== undefined) code.release(hi);
  }

  /** Runs from the index `from` until `to`, or as many whole steps as fit below `hi`. */
  #repeat(
    turn: {
      readonly strides: readonly number[];
      readonly hi: Local | undefined;
      readonly counter: Local;
      readonly pointers: readonly Local[];
      readonly step: number;
      readonly from: number;
      readonly to: number;
    },
    body: () => void,
  ): void {
    const { strides, hi, counter, pointers, step, from, to } = turn;
    const code = this.#code;
    const advance = (): void => {
      strides.forEach((stride, track) => {
        const bytes = step * stride * trackBytes(at(this.#nest.tracks, track));
        const pointer = at(pointers, track);
        if (bytes !== 0) code.get(pointer).i32(bytes).op("i32.add").set(pointer);
      });
      code.get(counter).i32(step).op("i32.add").tee(counter);
    };
    if (hi === undefined) {
      if (from === to) return;
      code.loop((again) => {
        body();
        advance();
        if (to === from + step) code.op("drop");
        else code.i32(to).op("i32.ne").brIf(again);
      });
      return;
    }
    const last = code.local("i32");
    code.get(hi).i32(step).op("i32.sub").set(last);
    code.get(counter).get(last).op("i32.le_s");
    code.if(() => {
      code.loop((again) => {
        body();
        advance();
        code.get(last).op("i32.le_s").brIf(again);
      });
    });
    code.release(last);
  }

  #range(loop: CodeLoop): Range {
    const code = this.#code;
    const { chunk, blocks, size } = loop;
    if (chunk === undefined && blocks === undefined) return { lo: undefined, hi: undefined };
    const length = chunk ?? blocks?.size ?? size;
    const index = blocks === undefined ? this.#context.chunk : this.counter(blocks.of);
    const lo = code.local("i32");
    code.get(index).i32(length).op("i32.mul").set(lo);
    const hi = code.local("i32");
    code.get(lo).i32(length).op("i32.add").tee(hi).i32(size);
    code.get(hi).i32(size).op("i32.lt_s").op("select").set(hi);
    return { lo, hi };
  }
}
