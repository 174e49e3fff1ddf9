import type { Builder } from "../../ir/builder.ts";
import { range } from "../../ir/shape.ts";
import type { DType, Shape, Value } from "../../ir/types.ts";
import { signed } from "./operands.ts";

const DTYPES: Readonly<Record<string, DType>> = { float32: "f32", int32: "i32", bool: "bool" };

/** One call of a tfjs kernel: its operands and attributes, read with checks that name both. */
export class KernelCall {
  readonly b: Builder;
  readonly kernel: string;
  private readonly inputs: Readonly<Record<string, Value | null | undefined>>;
  private readonly attrs: Readonly<Record<string, unknown>>;

  constructor(
    b: Builder,
    kernel: string,
    inputs: Readonly<Record<string, Value | null | undefined>>,
    attrs: Readonly<Record<string, unknown>>,
  ) {
    this.b = b;
    this.kernel = kernel;
    this.inputs = inputs;
    this.attrs = attrs;
  }

  /** An error that starts with the name of the kernel. */
  error(message: string): Error {
    return new Error(`${this.kernel}: ${message}`);
  }

  /** An operand that may be missing or null. */
  optional(name: string): Value | undefined {
    return this.inputs[name] ?? undefined;
  }

  /** A required operand, as it is in the graph. */
  input(name: string): Value {
    const value = this.optional(name);
    if (value === undefined) {
      throw this.error(`operand "${name}" is missing, got [${Object.keys(this.inputs)}]`);
    }
    return value;
  }

  /** A required operand as the number tfjs takes it for: u32 bits read as int32. */
  signedInput(name: string): Value {
    return signed(this.b, this.input(name));
  }

  /** The operands of a kernel that takes an array of them. */
  list(): readonly Value[] {
    const count = Object.keys(this.inputs).length;
    return range(count).map((i) => this.input(String(i)));
  }

  private wrong(name: string, wanted: string): Error {
    const given = this.attrs[name];
    const shown = typeof given === "object" ? JSON.stringify(given) : String(given);
    return this.error(`attribute "${name}" must be ${wanted}, got ${shown}`);
  }

  /** A number; `fallback` stands for a missing or null attribute. */
  number(name: string, fallback?: number): number {
    const value = this.attrs[name] ?? fallback;
    // tfjs fills booleans with `true`/`false` as well as with 1/0.
    if (typeof value !== "number" && typeof value !== "boolean") throw this.wrong(name, "a number");
    return Number(value);
  }

  /** An integer. */
  int(name: string, fallback?: number): number {
    const value = this.number(name, fallback);
    if (!Number.isInteger(value)) throw this.wrong(name, "an integer");
    return value;
  }

  /** A boolean; false where it is missing. */
  flag(name: string): boolean {
    const value = this.attrs[name] ?? false;
    if (typeof value !== "boolean") throw this.wrong(name, "a boolean");
    return value;
  }

  /** One of some strings; the first stands for a missing attribute. */
  choice<const T extends string>(name: string, ...options: readonly [T, ...T[]]): T {
    const value = this.attrs[name] ?? options[0];
    const found = options.find((option) => option === value);
    if (found === undefined) throw this.wrong(name, options.map((o) => `"${o}"`).join(" or "));
    return found;
  }

  /** Any string. */
  text(name: string): string {
    const value = this.attrs[name];
    if (typeof value !== "string") throw this.wrong(name, "a string");
    return value;
  }

  /** A list of numbers. */
  numbers(name: string): readonly number[] {
    const value = this.optionalNumbers(name);
    if (value === undefined) throw this.wrong(name, "a list of numbers");
    return value;
  }

  /** A number or a list of them, undefined where the attribute is missing or null. */
  optionalNumbers(name: string): readonly number[] | undefined {
    const value = this.attrs[name] ?? undefined;
    if (value === undefined) return undefined;
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (!list.every((n): n is number => typeof n === "number")) {
      throw this.wrong(name, "a number or a list of numbers");
    }
    return list;
  }

  /** Whether an attribute is a list and not a single number. */
  isList(name: string): boolean {
    return Array.isArray(this.attrs[name]);
  }

  /** A list of pairs of numbers. */
  pairs(name: string): readonly (readonly [number, number])[] {
    const value = this.attrs[name];
    const isPair = (pair: unknown): pair is [number, number] =>
      Array.isArray(pair) && pair.length === 2 && pair.every((n) => typeof n === "number");
    if (!Array.isArray(value) || !value.every(isPair)) throw this.wrong(name, "a list of pairs");
    return value;
  }

  /** `"same"`, `"valid"`, a number or a list of pairs: tfjs's ways to say how a window is padded. */
  padding(name: string): "same" | "valid" | number | readonly (readonly [number, number])[] {
    const value = this.attrs[name];
    if (value === "same" || value === "valid" || typeof value === "number") return value;
    return this.pairs(name);
  }

  /** An axis, counted from the end where negative. */
  axis(name: string, rank: number, fallback?: number): number {
    const [given = fallback] = this.optionalNumbers(name) ?? [];
    if (given === undefined || !Number.isInteger(given) || given < -rank || given >= rank) {
      throw this.wrong(name, `an axis of an array of rank ${rank}`);
    }
    return given < 0 ? given + rank : given;
  }

  /** Axes in order; all of them where the attribute is missing or null. */
  axes(name: string, rank: number): readonly number[] {
    const given = this.optionalNumbers(name) ?? range(rank);
    const axes = given.map((axis) => (axis < 0 ? axis + rank : axis));
    if (axes.some((axis) => !Number.isInteger(axis) || axis < 0 || axis >= rank)) {
      throw this.wrong(name, `axes of an array of rank ${rank}`);
    }
    return [...new Set(axes)].sort((x, y) => x - y);
  }

  /** A shape; one −1 takes what is left of `size`. */
  shape(name: string, size: number): Shape {
    const given = this.numbers(name);
    if (!given.includes(-1)) return given;
    const known = given.reduce((n, d) => (d === -1 ? n : n * d), 1);
    if (known === 0 || size % known !== 0) {
      throw this.wrong(name, `a shape of ${size} elements`);
    }
    return given.map((d) => (d === -1 ? size / known : d));
  }

  /** An element type of tfjs as one of the IR. */
  dtype(name: string, fallback: DType): DType {
    const value = this.attrs[name] ?? undefined;
    if (value === undefined) return fallback;
    const dtype = typeof value === "string" ? DTYPES[value] : undefined;
    if (dtype === undefined) throw this.wrong(name, "float32, int32 or bool");
    return dtype;
  }
}
