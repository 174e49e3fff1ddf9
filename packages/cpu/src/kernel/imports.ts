import type { FunctionRef } from "../wasm/code.ts";
import type { ValueType } from "../wasm/locals.ts";
import type { ModuleBuilder } from "../wasm/module.ts";
import type { MathFunction } from "./kernel.ts";

/** Types of an imported function. */
export interface Signature {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** Functions written once, in a module of their own, and called by the kernels of all graphs. */
export type Signatures = Readonly<Record<string, Signature>>;

const MATH: Readonly<Record<MathFunction, number>> = {
  acos: 1,
  acosh: 1,
  asin: 1,
  asinh: 1,
  atan: 1,
  atan2: 2,
  atanh: 1,
  cos: 1,
  cosh: 1,
  exp: 1,
  expm1: 1,
  log: 1,
  log1p: 1,
  pow: 2,
  sin: 1,
  sinh: 1,
  tan: 1,
  tanh: 1,
};

/** Declares the imports of a module of kernels; they come before its functions. */
export const declareImports = (
  module: ModuleBuilder,
  library: Signatures,
): {
  math(name: MathFunction): FunctionRef;
  library(name: string): FunctionRef;
} => {
  const math = new Map<string, FunctionRef>();
  for (const [name, arity] of Object.entries(MATH)) {
    const params: readonly ValueType[] = arity === 1 ? ["f64"] : ["f64", "f64"];
    math.set(name, module.importFunction("math", name, params, ["f64"]));
  }
  const functions = new Map<string, FunctionRef>();
  for (const [name, { params, results }] of Object.entries(library)) {
    functions.set(name, module.importFunction("library", name, params, results));
  }
  return {
    math: (name) => math.get(name) as FunctionRef,
    library: (name) => {
      const found = functions.get(name);
      if (found === undefined) throw new Error(`no library function ${name}`);
      return found;
    },
  };
};
