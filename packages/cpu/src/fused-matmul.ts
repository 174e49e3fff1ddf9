import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { type KernelConfig, type TensorInfo, util } from "@tensorflow/tfjs-core";
import { type KernelArguments, runKernel } from "./kernel.ts";
import { withTransposed } from "./matmul.ts";

/**
 * Makes a `_FusedMatMul` that gives tfjs's own only what it computes right: two plain matrices and a vector as bias.
 *
 * For transposed or batched operands tfjs adds the bias and applies the activation once per block of 48 of the inner
 * axis (tfjs 4.22.0, batch_mat_mul_impl.cc). Plain matrices are transposed first; the rest is composed.
 */
export const fusedMatMul =
  (
    fused: KernelConfig["kernelFunc"],
    matMul: KernelConfig["kernelFunc"],
  ): KernelConfig["kernelFunc"] =>
  (args) => {
    if (!isFusable(args)) return composed(args, matMul);
    return withTransposed(args, (a, b, backend) => {
      const attrs = { ...args.attrs, transposeA: false, transposeB: false };
      return fused({ inputs: { ...args.inputs, a, b }, attrs, backend }) as TensorInfo;
    });
  };

const isFusable = ({ inputs, attrs, backend }: KernelArguments): boolean => {
  const { a, b, bias } = inputs;
  const isPlain = [a, b].every(
    (x) => x?.dtype === "float32" && x.shape[0] === 1 && util.sizeFromShape(x.shape) > 0,
  );
  if (!isPlain || !bias) return isPlain;
  // tfjs looks at the shape that the bias was made with, not at the one it was reshaped to.
  const { shape } = (backend as BackendWasm).dataIdMap.get(bias.dataId);
  return shape.length === 1 && shape[0] === b?.shape[attrs?.transposeB ? 1 : 2];
};

const composed = (args: KernelArguments, matMul: KernelConfig["kernelFunc"]): TensorInfo => {
  const { bias, preluActivationWeights } = args.inputs;
  const wasm = args.backend as BackendWasm;
  let out = matMul(args) as TensorInfo;
  const apply = (name: string, inputs: Record<string, TensorInfo>, attrs = {}): void => {
    const next = runKernel(wasm, name, inputs, attrs);
    wasm.disposeData(out.dataId);
    out = next;
  };
  if (bias) apply("Add", { a: out, b: bias });
  const activation = args.attrs?.activation as string;
  if (activation === "prelu" && preluActivationWeights) {
    apply("Prelu", { x: out, alpha: preluActivationWeights });
  } else if (activation !== "linear") {
    const name = activationKernels[activation];
    if (name === undefined) throw new Error(`_FusedMatMul: no activation ${activation}`);
    apply(name, { x: out }, { alpha: args.attrs?.leakyreluAlpha });
  }
  return out;
};

const activationKernels: Record<string, string> = {
  relu: "Relu",
  relu6: "Relu6",
  elu: "Elu",
  sigmoid: "Sigmoid",
  leakyrelu: "LeakyRelu",
};
