import { Bytes } from "./bytes.ts";
import { type Local, Locals, VALUE_TYPES, type ValueType } from "./locals.ts";
import {
  ATOMIC,
  LANE,
  LANE_MEMORY,
  type LaneMemoryOp,
  type LaneOp,
  MEMORY,
  type MemoryOp,
  PLAIN,
  type PlainOp,
  SATURATING,
  VECTOR,
  VECTOR_MEMORY,
} from "./opcodes.ts";

/** What `br` jumps to: the end of a block, the start of a loop. */
export interface Label {
  readonly depth: number;
}

/** A function that can be called, by its index in the module. */
export interface FunctionRef {
  readonly index: number;
}

/** A global variable of a module. */
export interface GlobalRef {
  readonly index: number;
}

/**
 * The body of one WebAssembly function, written instruction by instruction. Methods push and pop the
 * stack as the instructions do; those that emit return the code, so that they chain.
 */
export class Code {
  readonly params: readonly Local[];
  readonly results: readonly ValueType[];
  readonly #locals: Locals;
  #out = new Bytes();
  #depth = 0;

  constructor(params: readonly ValueType[] = [], results: readonly ValueType[] = []) {
    this.params = params.map((type, index) => ({ index, type }));
    this.results = results;
    this.#locals = new Locals(params.length);
  }

  /** A parameter. */
  param(i: number): Local {
    const param = this.params[i];
    if (param === undefined) throw new RangeError(`no parameter ${i} of ${this.params.length}`);
    return param;
  }

  /** A local variable, zero at the start of the function unless it was released before. */
  local(type: ValueType): Local {
    return this.#locals.take(type);
  }

  /** A local variable that nobody had before: for what is set ahead of code written earlier. */
  freshLocal(type: ValueType): Local {
    return this.#locals.make(type);
  }

  /** Gives locals back for later use by others. */
  release(...locals: readonly Local[]): void {
    this.#locals.release(locals);
  }

  get(local: Local): this {
    return this.#indexed(0x20, local.index);
  }
  set(local: Local): this {
    return this.#indexed(0x21, local.index);
  }
  tee(local: Local): this {
    return this.#indexed(0x22, local.index);
  }
  getGlobal(global: GlobalRef): this {
    return this.#indexed(0x23, global.index);
  }
  setGlobal(global: GlobalRef): this {
    return this.#indexed(0x24, global.index);
  }
  call(fn: FunctionRef): this {
    return this.#indexed(0x10, fn.index);
  }

  #indexed(opcode: number, index: number): this {
    this.#out.byte(opcode);
    this.#out.unsigned(index);
    return this;
  }

  i32(value: number): this {
    this.#out.byte(0x41);
    this.#out.signed(value);
    return this;
  }
  i64(value: bigint): this {
    this.#out.byte(0x42);
    this.#out.signed64(value);
    return this;
  }
  f32(value: number): this {
    this.#out.byte(0x43);
    this.#out.f32(value);
    return this;
  }
  f64(value: number): this {
    this.#out.byte(0x44);
    this.#out.f64(value);
    return this;
  }
  /** A vector constant. V8 rebuilds it wherever it stands: keep it out of loops. */
  v128(bytes: ArrayLike<number>): this {
    this.#vector(12);
    this.#out.bytes(bytes);
    return this;
  }
  /** `i8x16.shuffle`: byte i of the result is byte `lanes[i]` of the two operands together. */
  shuffle(lanes: readonly number[]): this {
    this.#vector(13);
    this.#out.bytes(lanes);
    return this;
  }
  /** A shuffle of the 32-bit lanes of two vectors, numbered 0–3 and 4–7. */
  shuffle32(a: number, b: number, c: number, d: number): this {
    return this.shuffle([a, b, c, d].flatMap((n) => [4 * n, 4 * n + 1, 4 * n + 2, 4 * n + 3]));
  }

  #vector(opcode: number): void {
    this.#out.byte(0xfd);
    this.#out.unsigned(opcode);
  }

  /** Any instruction that takes everything from the stack. */
  op(name: PlainOp): this {
    if (name in PLAIN) this.#out.byte(PLAIN[name as keyof typeof PLAIN]);
    else if (name in VECTOR) this.#vector(VECTOR[name as keyof typeof VECTOR]);
    else {
      this.#out.byte(0xfc);
      this.#out.unsigned(SATURATING[name as keyof typeof SATURATING]);
    }
    return this;
  }

  /** A load (address on the stack), store or atomic, at a constant offset in bytes. */
  memory(name: MemoryOp, offset = 0): this {
    if (name in MEMORY) {
      const [opcode] = MEMORY[name as keyof typeof MEMORY];
      this.#out.byte(opcode);
      this.#address(0, offset);
    } else if (name in VECTOR_MEMORY) {
      this.#vector(VECTOR_MEMORY[name as keyof typeof VECTOR_MEMORY][0]);
      this.#address(0, offset);
    } else {
      const [opcode, align] = ATOMIC[name as keyof typeof ATOMIC];
      this.#out.byte(0xfe);
      this.#out.unsigned(opcode);
      // Atomics must state their natural alignment.
      this.#address(align, offset);
    }
    return this;
  }

  #address(align: number, offset: number): void {
    this.#out.unsigned(align);
    this.#out.unsigned(offset);
  }

  /** A load or store of one lane: address and vector on the stack. */
  laneMemory(name: LaneMemoryOp, lane: number, offset = 0): this {
    this.#vector(LANE_MEMORY[name][0]);
    this.#address(0, offset);
    this.#out.byte(lane);
    return this;
  }

  /** Takes a lane out of a vector or puts one in. */
  lane(name: LaneOp, lane: number): this {
    this.#vector(LANE[name]);
    this.#out.byte(lane);
    return this;
  }

  /** `memory.copy`: destination, source, bytes on the stack. */
  memoryCopy(): this {
    this.#out.bytes([0xfc, 0x0a, 0x00, 0x00]);
    return this;
  }
  /** `memory.fill`: destination, byte, count on the stack. */
  memoryFill(): this {
    this.#out.bytes([0xfc, 0x0b, 0x00]);
    return this;
  }
  /** A block; a branch to its label leaves it. */
  block(body: (end: Label) => void): this {
    return this.#structure(0x02, 0x40, body);
  }
  /** A loop; a branch to its label starts it again. */
  loop(body: (start: Label) => void): this {
    return this.#structure(0x03, 0x40, body);
  }
  /** Takes an i32 from the stack. With a `type` both branches leave one value of it. */
  if(then: () => void, otherwise?: () => void, type?: ValueType): this {
    return this.#structure(0x04, type === undefined ? 0x40 : VALUE_TYPES[type], () => {
      then();
      if (otherwise === undefined) return;
      this.#out.byte(0x05);
      otherwise();
    });
  }

  #structure(opcode: number, type: number, body: (label: Label) => void): this {
    this.#out.byte(opcode);
    this.#out.byte(type);
    this.#depth++;
    body({ depth: this.#depth });
    this.#depth--;
    this.#out.byte(0x0b);
    return this;
  }

  br(label: Label): this {
    return this.#indexed(0x0c, this.#depth - label.depth);
  }
  brIf(label: Label): this {
    return this.#indexed(0x0d, this.#depth - label.depth);
  }

  /**
   * `for (; i < end; i += step)`, unsigned; the test comes first. `i` must be set before. `end` is a
   * local or a number.
   */
  forUntil(i: Local, end: Local | number, step: number, body: () => void): this {
    return this.block((done) => {
      this.loop((again) => {
        this.get(i);
        if (typeof end === "number") this.i32(end);
        else this.get(end);
        this.op("i32.ge_u").brIf(done);
        body();
        this.get(i).i32(step).op("i32.add").set(i).br(again);
      });
    });
  }

  /**
   * Code written aside, to be put in later with {@link splice} at the same nesting: what must run
   * before it (constants it turns out to need) can be emitted first.
   */
  aside(body: () => void): Bytes {
    const outer = this.#out;
    const inner = new Bytes();
    this.#out = inner;
    try {
      body();
    } finally {
      this.#out = outer;
    }
    return inner;
  }
  splice(code: Bytes): this {
    this.#out.bytes(code.view());
    return this;
  }

  /** The function as an entry of the code section. */
  encode(): Bytes {
    const body = new Bytes();
    this.#locals.encode(body);
    body.bytes(this.#out.view());
    body.byte(0x0b);
    return body;
  }
}
