import { at, range } from "../../ir/shape.ts";
import type { Value } from "../../ir/types.ts";
import type { KernelCall } from "./kernel-call.ts";
import { arithmetic, unify } from "./operands.ts";

/** A value whose axes have names. */
interface Term {
  readonly value: Value;
  readonly labels: readonly string[];
}

const parse = (call: KernelCall, equation: string, count: number) => {
  const text = equation.replaceAll(/\s/g, "");
  const match = /^([A-Za-z,]*)(?:->([A-Za-z]*))?$/.exec(text);
  if (match === null) {
    throw call.error(`expected an equation like "ij,jk->ik" without "...", got "${equation}"`);
  }
  const inputs = (match[1] ?? "").split(",").map((term) => [...term]);
  if (inputs.length !== count) {
    throw call.error(`Expected ${inputs.length} input tensors, received ${count} ("${equation}")`);
  }
  const all = inputs.flat();
  // Without an arrow the result has the labels that occur once, in alphabetical order.
  const once = all.filter((l) => all.indexOf(l) === all.lastIndexOf(l)).sort();
  const output = match[2] === undefined ? once : [...match[2]];
  if (output.some((l, i) => !all.includes(l) || output.indexOf(l) !== i)) {
    throw call.error(
      `"${equation}": labels of the result must be distinct and occur in an operand`,
    );
  }
  return { inputs, output };
};

/** Keeps the elements whose indices along two axes of one label are equal. */
const diagonal = (call: KernelCall, { value, labels }: Term): Term => {
  const second = labels.findIndex((label, i) => labels.indexOf(label) < i);
  if (second < 0) return { value, labels };
  const { b } = call;
  const index = { shape: value.type.shape, dtype: "i32" } as const;
  const first = labels.indexOf(at(labels, second));
  const equal = b.compare(b.iota(index, first), "EQ", b.iota(index, second));
  const kept = b.reduce(b.select(equal, value, b.zeros(value.type)), "add", [second]);
  return diagonal(call, { value: kept, labels: labels.filter((_, i) => i !== second) });
};

/** Sums over the axes whose labels nothing else needs. */
const sumOut = (call: KernelCall, { value, labels }: Term, needed: readonly string[]): Term => {
  const dimensions = range(labels.length).filter((i) => !needed.includes(at(labels, i)));
  return {
    value: call.b.reduce(value, "add", dimensions),
    labels: labels.filter((label) => needed.includes(label)),
  };
};

const contract = (call: KernelCall, x: Term, y: Term, needed: readonly string[]): Term => {
  const common = x.labels.filter((label) => y.labels.includes(label));
  const batch = common.filter((label) => needed.includes(label));
  const contracting = common.filter((label) => !needed.includes(label));
  const axes = (term: Term, labels: readonly string[]) => labels.map((l) => term.labels.indexOf(l));
  const value = call.b.dot(x.value, y.value, {
    lhsBatch: axes(x, batch),
    rhsBatch: axes(y, batch),
    lhsContracting: axes(x, contracting),
    rhsContracting: axes(y, contracting),
  });
  const free = (term: Term) => term.labels.filter((label) => !common.includes(label));
  return { value, labels: [...batch, ...free(x), ...free(y)] };
};

const checkSizes = (call: KernelCall, equation: string, terms: readonly Term[]): void => {
  const sizes = new Map<string, number>();
  for (const { value, labels } of terms) {
    const { shape } = value.type;
    if (shape.length !== labels.length) {
      throw call.error(`"${equation}" does not fit operand ${labels.join("")} [${shape}]`);
    }
    for (const [i, label] of labels.entries()) {
      const size = sizes.get(label) ?? at(shape, i);
      sizes.set(label, size);
      if (size === shape[i]) continue;
      throw call.error(
        `"${equation}": expected dimension ${size} at axis ${i} of the input shaped [${shape}]`,
      );
    }
  }
};

/** Emits Einstein summation over the operands of a call, from left to right. */
export const einsum = (call: KernelCall, equation: string): Value => {
  const { b } = call;
  const operands = unify(
    b,
    call.list().map((x) => arithmetic(b, x)),
  );
  const { inputs, output } = parse(call, equation, operands.length);
  const named = operands.map((value, i): Term => ({ value, labels: at(inputs, i) }));
  checkSizes(call, equation, named);
  const terms = named.map((term) => diagonal(call, term));
  // A label is needed as long as the result or another operand has it.
  const others = (from: number) => [...output, ...terms.slice(from).flatMap((t) => t.labels)];
  let result = sumOut(call, at(terms, 0), others(1));
  for (const [i, term] of terms.entries()) {
    if (i === 0) continue;
    const later = others(i + 1);
    const reduced = sumOut(call, term, [...result.labels, ...later]);
    const summed = sumOut(call, result, [...reduced.labels, ...later]);
    result = contract(call, summed, reduced, later);
  }
  const { labels, value } = sumOut(call, result, output);
  return b.transpose(
    value,
    output.map((label) => labels.indexOf(label)),
  );
};
