import type { MathFunction } from "../kernel/kernel.ts";
import type { Local } from "../wasm/locals.ts";
import type { PlainOp } from "../wasm/opcodes.ts";
import type { Lanes } from "./lane.ts";

/** What leaves one value on the stack: a local, or code that computes it. */
export type Expr = Local | (() => void);

/** The bit patterns that the operations on floats need. */
export const BITS: { readonly sign: number; readonly one: number } = {
  sign: 0x80000000 | 0,
  one: 0x3f800000,
};

/** Writes vector code as nested expressions. An expression is emitted each time it is used. */
export class LaneWriter {
  readonly lanes: Lanes;
  readonly #fma: boolean;
  readonly #kept: Local[] = [];

  constructor(lanes: Lanes, fma: boolean) {
    this.lanes = lanes;
    this.#fma = fma;
  }

  /** Leaves the values of the expressions on the stack. */
  emit(...exprs: readonly Expr[]): void {
    for (const expr of exprs) {
      if (typeof expr === "function") expr();
      else this.lanes.code.get(expr);
    }
  }

  /** An instruction applied to expressions. */
  op(name: PlainOp, ...args: readonly Expr[]): Expr {
    return () => {
      this.emit(...args);
      this.lanes.code.op(name);
    };
  }

  /** A shift of 32-bit lanes by a fixed number of bits. */
  shift(name: "i32x4.shl" | "i32x4.shr_s" | "i32x4.shr_u", x: Expr, bits: number): Expr {
    return () => {
      this.emit(x);
      this.lanes.code.i32(bits).op(name);
    };
  }

  /** Lanes a, b of `x` and c, d − 4 of `y`. */
  shuffle(x: Expr, y: Expr, a: number, b: number, c: number, d: number): Expr {
    return () => {
      this.emit(x, y);
      this.lanes.code.shuffle32(a, b, c, d);
    };
  }

  /** Computes an expression now and keeps it in a temporary until {@link release}. */
  keep(expr: Expr): Local {
    this.emit(expr);
    const local = this.lanes.code.local("v128");
    this.lanes.code.set(local);
    this.#kept.push(local);
    return local;
  }

  /** Gives the temporaries back. */
  release(): void {
    this.lanes.code.release(...this.#kept.splice(0));
  }

  /** A float constant in each lane. */
  f32(value: number): Expr {
    return () => this.emit(this.lanes.f32(value));
  }

  /** A 32-bit pattern in each lane. */
  i32(bits: number): Expr {
    return () => this.emit(this.lanes.i32(bits));
  }

  /** A double in both halves of a vector. */
  f64(value: number): Expr {
    const [low, high] = new Int32Array(Float64Array.of(value).buffer) as unknown as [
      number,
      number,
    ];
    return this.shuffle(this.i32(low), this.i32(high), 0, 4, 1, 5);
  }

  /** A JavaScript function applied to doubles. */
  call(name: MathFunction, ...args: readonly Expr[]): Expr {
    return () => {
      this.emit(...args);
      this.lanes.code.call(this.lanes.math(name));
    };
  }

  /** a·b + c, rounded once or twice. */
  madd(a: Expr, b: Expr, c: Expr): Expr {
    return this.#fma
      ? this.op("f32x4.relaxed_madd", a, b, c)
      : this.op("f32x4.add", this.op("f32x4.mul", a, b), c);
  }

  /** c − a·b, rounded once or twice. */
  nmadd(a: Expr, b: Expr, c: Expr): Expr {
    return this.#fma
      ? this.op("f32x4.relaxed_nmadd", a, b, c)
      : this.op("f32x4.sub", c, this.op("f32x4.mul", a, b));
  }

  /** The polynomial Σ coefficients[i]·xⁱ by Horner's rule. */
  polynomial(x: Local, coefficients: readonly number[]): Expr {
    const [last, ...rest] = coefficients.toReversed();
    return rest.reduce<Expr>((sum, c) => this.madd(sum, x, this.f32(c)), this.f32(last as number));
  }

  /** `onTrue` where the mask is set. */
  select(mask: Expr, onTrue: Expr, onFalse: Expr): Expr {
    return this.op("v128.bitselect", onTrue, onFalse, mask);
  }

  /** |x| of floats. */
  abs(x: Expr): Expr {
    return this.op("f32x4.abs", x);
  }

  /** `value` with the sign of `x`; it must not be negative but where `x` is. */
  withSignOf(value: Expr, x: Expr): Expr {
    return this.op("v128.or", value, this.op("v128.and", x, this.i32(BITS.sign)));
  }
}
