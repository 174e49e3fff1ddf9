import { at, range, sizeOf } from "../../ir/shape.ts";
import type { DType, LiteralData, Shape, TensorType } from "../../ir/types.ts";

const ELEMENT: { readonly [D in DType]: string } = {
  f32: "f32",
  f16: "f16",
  i32: "i32",
  u32: "ui32",
  bool: "i1",
};

/** `tensor<2x3xf32>` */
export const tensorType = ({ shape, dtype }: TensorType): string =>
  `tensor<${[...shape, ELEMENT[dtype]].join("x")}>`;

/** `tensor<f32>, tensor<i32>` */
export const typeList = (list: readonly { readonly type: TensorType }[]): string =>
  list.map(({ type }) => tensorType(type)).join(", ");

/** `(tensor<f32>) -> tensor<i1>` */
export const signature = (
  inputs: readonly { readonly type: TensorType }[],
  outputs: readonly TensorType[],
): string => {
  const results = outputs.map(tensorType).join(", ");
  return `(${typeList(inputs)}) -> ${outputs.length === 1 ? results : `(${results})`}`;
};

/** `[0, 1]` */
export const list = (numbers: readonly number[]): string => `[${numbers.join(", ")}]`;

/** `array<i64: 0, 1>` */
export const int64s = (numbers: readonly number[]): string =>
  numbers.length === 0 ? "array<i64>" : `array<i64: ${numbers.join(", ")}>`;

/** `dense<[[0, 1]]> : tensor<1x2xi64>` */
export const pairs = (rows: readonly (readonly [number, number])[]): string =>
  `dense<${rows.length === 0 ? "" : `[${rows.map(list).join(", ")}]`}> : tensor<${rows.length}x2xi64>`;

const HEX = {
  f32: { nan: "0x7FC00000", inf: "0x7F800000", minusInf: "0xFF800000" },
  f16: { nan: "0x7E00", inf: "0x7C00", minusInf: "0xFC00" },
} as const;

/** The shortest decimal number that reads as the same f32. */
const shortest = (x: number): number => {
  const rounded = Math.fround(x);
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(rounded.toPrecision(digits));
    if (Math.fround(candidate) === rounded) return candidate;
  }
  return Number(rounded.toPrecision(9));
};

const float = (x: number, dtype: "f32" | "f16"): string => {
  const held = dtype === "f32" ? Math.fround(x) : x;
  if (Number.isNaN(held)) return HEX[dtype].nan;
  if (!Number.isFinite(held)) return held > 0 ? HEX[dtype].inf : HEX[dtype].minusInf;
  if (held === 0) return Object.is(held, -0) ? "-0.0" : "0.0";
  // MLIR reads `1.0e-7` but not `1e-7`.
  const [mantissa = "", exponent] = String(dtype === "f32" ? shortest(x) : x).split("e");
  const digits = mantissa.includes(".") ? mantissa : `${mantissa}.0`;
  return exponent === undefined ? digits : `${digits}e${exponent}`;
};

const element = (x: number, dtype: DType): string => {
  if (dtype === "bool") return x === 0 ? "false" : "true";
  return dtype === "f32" || dtype === "f16" ? float(x, dtype) : String(x);
};

/** The longest constant that is written number by number; longer ones as bytes. */
const READABLE = 256;

const bytes = (data: LiteralData, dtype: "f32" | "i32" | "u32"): string => {
  const words = dtype === "f32" ? Float32Array.from(data) : Int32Array.from(data);
  const view = new DataView(words.buffer);
  const word = (i: number): string => {
    // Little-endian whatever the machine is.
    const value = view.getUint32(4 * i, new Uint8Array(Uint32Array.of(1).buffer)[0] === 1);
    return range(4)
      .map((k) => ((value >>> (8 * k)) & 0xff).toString(16).padStart(2, "0"))
      .join("");
  };
  return `"0x${range(words.length).map(word).join("").toUpperCase()}"`;
};

const nested = (data: LiteralData, shape: Shape, dtype: DType): string => {
  let items = Array.from(data, (x) => element(x, dtype));
  for (const size of shape.toReversed()) {
    const rows = range(items.length / size);
    items = rows.map((i) => `[${items.slice(i * size, (i + 1) * size).join(", ")}]`);
  }
  return at(items, 0);
};

/** `dense<[1.0, 2.0]> : tensor<2xf32>`; floats read back as the same numbers. */
export const dense = (type: TensorType, data: LiteralData): string => {
  const { shape, dtype } = type;
  const body = (): string => {
    if (sizeOf(shape) === 0) return "";
    if (data.length === 1) return element(data[0]!, dtype);
    const packed = dtype !== "bool" && dtype !== "f16" && data.length > READABLE;
    return packed ? bytes(data, dtype) : nested(data, shape, dtype);
  };
  return `dense<${body()}> : ${tensorType(type)}`;
};
