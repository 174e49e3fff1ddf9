import { at, range, sizeOf } from "../ir/shape.ts";
import type { ControlOp, TensorType } from "../ir/types.ts";
import { allocate, type HostKernel, type HostTensor } from "./tensor.ts";

type Control = ControlOp;

const zeros = (type: TensorType): HostTensor => ({
  type,
  data: allocate(type.dtype, sizeOf(type.shape)),
});

const dataOf = (tensors: readonly HostTensor[]) => tensors.map(({ data }) => data);

/** ⟨x, y⟩ over all elements of two lists of tensors. */
const inner = (xs: readonly HostTensor[], ys: readonly HostTensor[]): number => {
  let sum = 0;
  xs.forEach(({ data }, n) => {
    const other = at(ys, n).data;
    for (let i = 0; i < data.length; i++) sum += data[i]! * other[i]!;
  });
  return sum;
};

const row = ({ type, data }: HostTensor, i: number): HostTensor => {
  const shape = type.shape.slice(1);
  const size = sizeOf(shape);
  return { type: { shape, dtype: type.dtype }, data: data.subarray(i * size, (i + 1) * size) };
};

/** Evaluation of operations that run other graphs. */
export const hostControl: { readonly [K in Control]: HostKernel<K> } = {
  call: (inputs, { body }, _, run) => dataOf(run(body, inputs)),
  // Element i of the result is ⟨transposed(eᵢ), tangents⟩: exact, needs nothing but the transpose,
  // and costs one run of it for every element. For more than tests, expand linear calls first.
  linear_call: (inputs, { numResiduals, transposed }, types, run) => {
    const residuals = inputs.slice(0, numResiduals);
    const tangents = inputs.slice(numResiduals);
    return types.map((type, n) => {
      const out = allocate(type.dtype, sizeOf(type.shape));
      for (let i = 0; i < out.length; i++) {
        const unit = types.map(zeros);
        at(unit, n).data[i] = 1;
        out[i] = inner(run(transposed, [...residuals, ...unit]), tangents);
      }
      return out;
    });
  },
  scan: (inputs, { body, length, numConsts, numCarry, reverse }, types, run) => {
    const consts = inputs.slice(0, numConsts);
    let carry = inputs.slice(numConsts, numConsts + numCarry);
    const xs = inputs.slice(numConsts + numCarry);
    const ys = types.slice(numCarry).map(zeros);
    for (const step of range(length)) {
      const i = reverse ? length - 1 - step : step;
      const results = run(body, [...consts, ...carry, ...xs.map((x) => row(x, i))]);
      carry = results.slice(0, numCarry);
      ys.forEach((y, n) => {
        const { data } = at(results, numCarry + n);
        y.data.set(data, i * data.length);
      });
    }
    return [...dataOf(carry), ...dataOf(ys)];
  },
  while: (inputs, { condition, body, numConditionConsts, numBodyConsts }, _, run) => {
    const conditionConsts = inputs.slice(0, numConditionConsts);
    const bodyConsts = inputs.slice(numConditionConsts, numConditionConsts + numBodyConsts);
    let carry: readonly HostTensor[] = inputs.slice(numConditionConsts + numBodyConsts);
    while (at(run(condition, [...conditionConsts, ...carry]), 0).data[0] !== 0) {
      carry = run(body, [...bodyConsts, ...carry]);
    }
    return dataOf(carry);
  },
};
