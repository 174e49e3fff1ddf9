import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import {
  getKernel,
  type KernelConfig,
  type NamedTensorInfoMap,
  type TensorInfo,
} from "@tensorflow/tfjs-core";

/** Makes a wasm kernel of a kernel of tfjs's JavaScript backend: copies the inputs out and the outputs back. */
export const borrowFromCpu = (kernelName: string, host: MathBackendCPU): KernelConfig => ({
  kernelName,
  backendName: "wasm",
  kernelFunc: ({ inputs, attrs, backend }) => {
    const wasm = backend as BackendWasm;
    const onHost: TensorInfo[] = [];
    const copyIn = (tensor: TensorInfo): TensorInfo => {
      const values = wasm.readSync(tensor.dataId);
      onHost.push(host.makeTensorInfo(tensor.shape, tensor.dtype, values as never));
      return onHost[onHost.length - 1] as TensorInfo;
    };
    // The inputs of einsum are a plain list; optional inputs are present as null.
    const borrowed = (
      Array.isArray(inputs)
        ? inputs.map(copyIn)
        : Object.fromEntries(
            Object.entries(inputs).map(([name, input]) => [name, input && copyIn(input)]),
          )
    ) as NamedTensorInfoMap;
    try {
      const kernel = getKernel(kernelName, "cpu");
      const outputs = kernel.kernelFunc({
        inputs: borrowed,
        backend: host,
        ...(attrs && { attrs }),
      });
      const copyOut = (tensor: TensorInfo): TensorInfo => {
        onHost.push(tensor);
        const { values } = host.data.get(tensor.dataId);
        return wasm.makeOutput(tensor.shape, tensor.dtype, undefined, values as never);
      };
      return Array.isArray(outputs) ? outputs.map(copyOut) : copyOut(outputs);
    } finally {
      // An output may share its data with an input; each takes back its own reference.
      for (const tensor of onHost) host.disposeData(tensor.dataId);
    }
  },
});

/** Silences a JavaScript backend's advice to install tfjs-node, which it prints on its first use in Node. */
export const silenced = (host: MathBackendCPU): MathBackendCPU => {
  (host as unknown as { firstUse: boolean }).firstUse = false;
  return host;
};
