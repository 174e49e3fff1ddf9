import { random, type TensorTree } from "@layerwise/autodiff";
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { add, concat, matMul, reshape } from "@tensorflow/tfjs-core";
import { type Initializer, lecunNormal, orthogonal, zeros } from "../initializers/index.ts";

/**
 * One step of a recurrent network: pure functions, like a layer.
 *
 * `project` is what a step does to its input alone; it gets all steps at once, so that they are one
 * product of matrices. `step` maps the carry and the projected input [batch, n] to the next carry.
 */
export interface Cell<
  Params extends TensorTree = TensorTree,
  Carry extends TensorTree = TensorTree,
> {
  /** The name of the function that made the cell. */
  readonly kind: string;
  /** The size of the output. */
  readonly units: number;
  init(key: Tensor, inputs: number): Params;
  /** The carry before the first step. */
  start(batch: number): Carry;
  /** The number of features that the parameters are for. */
  inputsOf(params: Params): number;
  project(params: Params, x: Tensor): Tensor;
  step(params: Params, carry: Carry, projected: Tensor): Carry;
  /** The output of a step, of the carry it made. */
  output(carry: Carry): Tensor;
}

/** Options that all cells share. */
export interface CellOptions {
  /** The size of the carry and of the output. */
  readonly units: number;
  /** Whether to add biases. Default true. */
  readonly useBias?: boolean | undefined;
  /** Of the kernel for the input. Default {@link lecunNormal}. */
  readonly kernelInit?: Initializer | undefined;
  /** Of the kernel for the carry, gate by gate [units, units]. Default {@link orthogonal}. */
  readonly recurrentInit?: Initializer | undefined;
  /** Of the biases of all gates. Default {@link zeros}; of an LSTM, {@link forgetBias}. */
  readonly biasInit?: Initializer | undefined;
}

/** Kernels for input and carry and one bias, or null; the gates lie side by side. */
export type CellParams = {
  readonly kernel: Tensor2D;
  readonly recurrentKernel: Tensor2D;
  readonly bias: Tensor1D | null;
};

/** Makes the kernels and the bias of some number of gates. */
export function initCell(
  key: Tensor,
  inputs: number,
  gates: number,
  options: CellOptions,
): CellParams {
  const { units, useBias = true, kernelInit = lecunNormal } = options;
  const { recurrentInit = orthogonal(), biasInit = zeros } = options;
  const width = gates * units;
  const [kernelKey, recurrentKey, biasKey] = random.split(key, 3) as [Tensor, Tensor, Tensor];
  // Each gate is a map to `units`, whatever lies beside it.
  const fans = { fanIn: inputs, fanOut: units };
  const square = { fanIn: units, fanOut: units };
  const squares = random
    .split(recurrentKey, gates)
    .map((gateKey) => recurrentInit(gateKey, [units, units], square));
  return {
    kernel: kernelInit(kernelKey, [inputs, width], fans) as Tensor2D,
    recurrentKernel: concat(squares, 1) as Tensor2D,
    bias: useBias ? (biasInit(biasKey, [width], fans) as Tensor1D) : null,
  };
}

/** x W + b over the last axis. */
export function projectInput({ kernel, bias }: CellParams, x: Tensor): Tensor {
  const product = matMul(reshape(x, [-1, kernel.shape[0]]), kernel);
  const sum = bias === null ? product : add(product, bias);
  return reshape(sum, [...x.shape.slice(0, -1), kernel.shape[1]]);
}
