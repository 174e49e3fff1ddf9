// Evaluates a loop's specification element by element, in double precision, with the operations of
// the host. Independent of the code generator: the oracle of its tests.
import {
  type DType,
  evaluateNode,
  type HostTensor,
  hostTensor,
  type Monoid,
} from "@layerwise/autodiff/executor";
import type { Buffer } from "../../src/kernel/kernel.ts";
import type { FoldLoop, MapLoop, Operand } from "../../src/loop/loop.ts";

const IDENTITY: Readonly<Record<Monoid, (dtype: DType) => number>> = {
  add: () => 0,
  or: () => 0,
  multiply: () => 1,
  and: (dtype) => (dtype === "bool" ? 1 : -1),
  maximum: (dtype) => (dtype === "i32" ? -(2 ** 31) : dtype === "u32" ? 0 : -Infinity),
  minimum: (dtype) => (dtype === "i32" ? 2 ** 31 - 1 : dtype === "u32" ? 2 ** 32 - 1 : Infinity),
};

const place = (indices: readonly number[], strides: readonly number[], offset: number): number =>
  indices.reduce((sum, index, axis) => sum + index * strides[axis]!, offset);

const indicesOf = function* (sizes: readonly number[]): Generator<number[]> {
  const [size, ...rest] = sizes;
  if (size === undefined) yield [];
  else for (let i = 0; i < size; i++) for (const inner of indicesOf(rest)) yield [i, ...inner];
};

/** The host's operation has one key for all elements: they are computed one by one. */
const threefry = ([k0, k1, x0, x1]: readonly HostTensor[]): HostTensor[] => {
  const u32 = (...data: number[]) => hostTensor({ dtype: "u32", shape: [data.length] }, data);
  const results = Array.from(k0!.data, (key, i) =>
    evaluateNode(
      "threefry2x32",
      [u32(key, k1!.data[i]!), u32(x0!.data[i]!), u32(x1!.data[i]!)],
      {},
    ).map(({ data }) => data[0]!),
  );
  return [0, 1].map((output) => u32(...results.map((pair) => pair[output]!)));
};

/** All results of a loop: contents of the buffers it writes, NaN where it writes nothing. */
export const evaluateLoop = (
  loop: MapLoop | FoldLoop,
  given: ReadonlyMap<Buffer, ArrayLike<number>>,
): Map<Buffer, Float64Array> => {
  const folds = "folds" in loop ? loop.folds : [];
  const kept = "kept" in loop ? loop.kept : loop.sizes.length;
  const results = new Map<Buffer, Float64Array>();
  for (const { access } of [...loop.stores, ...folds]) {
    results.set(access.buffer, new Float64Array(access.buffer.size).fill(Number.NaN));
  }
  const dtypeOf = ({ step }: Operand): DType => loop.steps[step]!.dtype;
  const all = [...indicesOf(loop.sizes)];
  // All elements of a step at once: the host's operations work on whole tensors.
  const type = (dtype: DType) => ({ dtype, shape: [all.length] });
  const values: (readonly HostTensor[])[] = [];
  for (const step of loop.steps) {
    switch (step.kind) {
      case "load": {
        const data = given.get(step.access.buffer)!;
        const { strides, offset } = step.access;
        const list = all.map((indices) => data[place(indices, strides, offset)]!);
        values.push([hostTensor(type(step.dtype), list)]);
        break;
      }
      case "constant":
        values.push([
          hostTensor(
            type(step.dtype),
            all.map(() => step.value),
          ),
        ]);
        break;
      case "index": {
        const list = all.map((indices) => place(indices, step.strides, step.offset));
        const counted = hostTensor(type("i32"), list);
        values.push(evaluateNode("convert", [counted], { dtype: step.dtype }));
        break;
      }
      case "op": {
        const inputs = step.inputs.map((input) => values[input.step]![input.output]!);
        values.push(
          step.op === "threefry2x32"
            ? threefry(inputs)
            : evaluateNode(step.op, inputs, step.attrs as never),
        );
        break;
      }
    }
  }
  for (const { value, access } of loop.stores) {
    const { data } = values[value.step]![value.output]!;
    all.forEach((indices, i) => {
      results.get(access.buffer)![place(indices, access.strides, access.offset)] = data[i]!;
    });
  }
  for (const { value, monoid, access } of folds) {
    const dtype = dtypeOf(value);
    const result = results.get(access.buffer)!;
    const groups = new Map<number, number[]>();
    for (const indices of indicesOf(loop.sizes.slice(0, kept))) {
      groups.set(place([...indices], access.strides.slice(0, kept), access.offset), []);
    }
    const { data } = values[value.step]![value.output]!;
    all.forEach((indices, i) => {
      groups.get(place(indices, access.strides, access.offset))!.push(data[i]!);
    });
    for (const [at, elements] of groups) {
      if (elements.length === 0) result[at] = IDENTITY[monoid](dtype);
      else {
        const operand = hostTensor({ dtype, shape: [elements.length] }, elements);
        const [folded] = evaluateNode("reduce", [operand], { monoid, dimensions: [0] });
        result[at] = folded!.data[0]!;
      }
    }
  }
  return results;
};
