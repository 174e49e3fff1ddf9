import { bool, type Case, call, edges, f, i, of } from "../case.ts";

const special = of([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 3]);

const domains: Readonly<Record<string, readonly [number, number]>> = {
  Abs: [-3, 3],
  Acos: [-0.99, 0.99],
  Acosh: [1.01, 5],
  Asin: [-0.99, 0.99],
  Asinh: [-5, 5],
  Atan: [-5, 5],
  Atanh: [-0.95, 0.95],
  Ceil: [-3, 3],
  Cos: [-4, 4],
  Cosh: [-3, 3],
  Elu: [-4, 4],
  Erf: [-3, 3],
  Exp: [-4, 4],
  Expm1: [-2, 2],
  Floor: [-3, 3],
  Identity: [-3, 3],
  Log: [0.1, 5],
  Log1p: [-0.9, 5],
  Neg: [-3, 3],
  Reciprocal: [0.2, 3],
  Relu: [-3, 3],
  Relu6: [-3, 9],
  Round: [-5, 5],
  Rsqrt: [0.1, 4],
  Selu: [-4, 4],
  Sigmoid: [-5, 5],
  Sign: [-2, 2],
  Sin: [-4, 4],
  Sinh: [-3, 3],
  Softplus: [-20, 20],
  Sqrt: [0, 4],
  Square: [-3, 3],
  Tan: [-1.4, 1.4],
  Tanh: [-3, 3],
};

const unary = Object.entries(domains).flatMap(([kernel, [low, high]]): Case[] => [
  call(kernel, "a cube", { x: f([2, 3, 4], low, high) }),
  call(kernel, "a scalar", { x: f([], low, high) }),
  call(kernel, "nothing", { x: f([0, 3], low, high) }),
]);

const anywhere = ["Abs", "Ceil", "Elu", "Erf", "Expm1", "Floor", "Neg", "Relu", "Relu6"];
const more = ["Round", "Selu", "Sigmoid", "Sign", "Softplus", "Square", "Tanh"];
const integers = ["Abs", "Neg", "Relu", "Relu6", "Sign", "Square", "Exp", "Ceil", "Floor", "Round"];

const operands = {
  Atan2: [f([2, 3]), f([2, 3])],
  Maximum: [f([4, 1]), f([3])],
  Minimum: [f([4, 1]), f([3])],
  Mod: [f([5, 4], -9, 9), f([5, 4], -3, 3)],
  Multiply: [f([2, 1, 3]), f([4, 1])],
  Pow: [f([4, 3], 0.1, 3), f([3], -2, 2)],
  RealDiv: [f([3, 4]), f([4], 0.5, 2)],
  SquaredDifference: [f([2, 3]), f([])],
  Sub: [f([]), f([2, 2])],
  Add: [f([2, 3]), f([1, 3])],
} as const;

const binary = Object.entries(operands).flatMap(([kernel, [a, b]]): Case[] => [
  call(kernel, "floats that broadcast", { a, b }),
  call(kernel, "empty floats", { a: f([0, 2]), b: f([2]) }),
]);

const integerPairs = ["Add", "Sub", "Multiply", "Maximum", "Minimum", "SquaredDifference"];

const comparisons = ["Equal", "NotEqual", "Greater", "GreaterEqual", "Less", "LessEqual"];

export const elementwise: readonly Case[] = [
  ...unary,
  ...[...anywhere, ...more].map((kernel) => call(kernel, "edges", { x: edges })),
  ...integers.map((kernel) => call(kernel, "integers", { x: i([3, 4]) })),
  ...["Abs", "Ceil", "Elu", "Floor", "Neg", "Relu", "Relu6", "Tanh", "Exp"].map((kernel) =>
    call(kernel, "special values", { x: special }),
  ),
  call("Relu", "bools", { x: bool([5]) }),
  call("Expm1", "integers", { x: i([6], -2, 3) }),
  call("Reciprocal", "integers", { x: of([1, 2, -1, 5], "int32") }),
  call("EluGrad", "signs", { dy: f([3, 4]), y: f([3, 4], -1, 2) }),
  call("EluGrad", "zero", { dy: f([2]), y: of([0, -0]) }),
  call("LeakyRelu", "floats", { x: f([3, 4]) }, { alpha: 0.1 }),
  call("LeakyRelu", "integers", { x: i([7]) }, { alpha: 0.3 }),
  call("Prelu", "a slope per column", { x: f([3, 4]), alpha: f([4]) }),
  call("Prelu", "integers", { x: i([3, 4]), alpha: f([1]) }),
  call("Sign", "NaN and infinities", { x: special }),
  call("Step", "default", { x: edges }, { alpha: 0 }),
  call("Step", "alpha and NaN", { x: special }, { alpha: 0.25 }),
  call("ClipByValue", "floats", { x: f([4, 3]) }, { clipValueMin: -1, clipValueMax: 0.5 }),
  call("ClipByValue", "special values", { x: special }, { clipValueMin: -1, clipValueMax: 2 }),
  call("ClipByValue", "integers", { x: i([9]) }, { clipValueMin: -2, clipValueMax: 3 }),
  ...(["float32", "int32", "bool"] as const).flatMap((dtype) => [
    call("Cast", `floats to ${dtype}`, { x: of([0, -0.5, 1.7, -2.9, 100]) }, { dtype }),
    call("Cast", `integers to ${dtype}`, { x: i([2, 4]) }, { dtype }),
    call("Cast", `bools to ${dtype}`, { x: bool([2, 4]) }, { dtype }),
  ]),
  ...binary,
  ...integerPairs.map((kernel) => call(kernel, "integers", { a: i([3, 4]), b: i([4]) })),
  call("Multiply", "bools", { a: bool([8]), b: bool([8]) }),
  call("Maximum", "NaN", { a: special, b: f([5]) }),
  call("Minimum", "NaN", { a: f([5]), b: special }),
  call("Mod", "signs and multiples", {
    a: of([7, -7, 7, -7, 6, -6, 0, -0.5]),
    b: of([3, 3, -3, -3, 3, 3, -2, 2]),
  }),
  call("Mod", "integers", { a: i([4, 6], -20, 20), b: of([3, -3, 4, -5, 1, 7], "int32") }),
  call("FloorDiv", "integers", { a: i([4, 6], -20, 20), b: of([3, -3, 4, -5, 1, 7], "int32") }),
  call("FloorDiv", "floats", { a: f([4, 6], -9, 9), b: f([6], 0.5, 3) }),
  call("RealDiv", "integers", { a: i([4, 3], -20, 20), b: of([3, -2, 7], "int32") }),
  call("Pow", "integers", { a: i([4, 4]), b: of([0, 1, 2, 3], "int32") }),
  call("Pow", "special powers", {
    a: of([0, 0, 2, -2, -2, -8, 1.5]),
    b: of([0, 2, 0, 2, 3, -1, 0.5]),
  }),
  call("BitwiseAnd", "integers", { a: i([3, 4], 0, 64), b: i([4], 0, 64) }),
  call("BitwiseAnd", "negative integers", { a: i([8], -64, 0), b: i([8], -64, 64) }),
  call("AddN", "three", [f([2, 3]), f([2, 3]), f([2, 3])]),
  call("AddN", "one", [i([4])]),
  ...comparisons.flatMap((kernel): Case[] => [
    call(kernel, "integers that broadcast", { a: i([4, 1], 0, 4), b: i([3], 0, 4) }),
    call(kernel, "NaN", { a: special, b: of([Number.NaN, 1, 1, 0, 3]) }),
    call(kernel, "nothing", { a: f([0]), b: f([1]) }),
  ]),
  call("Equal", "bools", { a: bool([8]), b: bool([8]) }),
  ...["LogicalAnd", "LogicalOr"].flatMap((kernel) => [
    call(kernel, "bools", { a: bool([3, 4]), b: bool([3, 4]) }),
    call(kernel, "bools that broadcast", { a: bool([3, 1]), b: bool([4]) }),
  ]),
  call("LogicalNot", "bools", { x: bool([3, 4]) }),
  call("LogicalNot", "nothing", { x: bool([0]) }),
  ...["IsNan", "IsInf", "IsFinite"].flatMap((kernel) => [
    call(kernel, "special values", { x: special }),
    call(kernel, "integers", { x: i([4]) }),
  ]),
  call("Select", "floats", { condition: bool([3, 4]), t: f([3, 4]), e: f([3, 4]) }),
  call("Select", "upcasting", { condition: bool([6]), t: i([6]), e: f([6]) }),
  call("Select", "bools", { condition: bool([2, 3]), t: bool([2, 3]), e: bool([2, 3]) }),
];
