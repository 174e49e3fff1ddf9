import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";

/**
 * Makes the matrix products of tfjs-backend-wasm transpose a transposed operand first. Products of plain matrices run
 * in XNNPACK; a transposed operand takes a scalar loop, ten times slower (tfjs 4.22.0, batch_mat_mul_impl.cc).
 * To be called before the backend starts.
 */
export function transposeFirst(): void {
  for (const kernelName of ["BatchMatMul", "_FusedMatMul"]) {
    const original = tf.getKernel(kernelName, "wasm");
    tf.unregisterKernel(kernelName, "wasm");
    // The rest of the original stays: its setupFunc binds the function inside the wasm module.
    tf.registerKernel({ ...original, kernelFunc: transposing(original.kernelFunc) });
  }
}

const transposing =
  (multiply: tf.KernelFunc): tf.KernelFunc =>
  ({ inputs, attrs, backend }) => {
    const { kernelFunc: transpose } = tf.getKernel("Transpose", "wasm");
    const made: tf.TensorInfo[] = [];
    const plain = (x: tf.TensorInfo, isTransposed: boolean): tf.TensorInfo => {
      if (!isTransposed) return x;
      const perm = x.shape.map((_, axis) => axis);
      perm.push(...perm.splice(-2).reverse());
      made.push(transpose({ inputs: { x }, attrs: { perm }, backend }) as tf.TensorInfo);
      return made.at(-1) as tf.TensorInfo;
    };
    const a = plain(inputs.a as tf.TensorInfo, attrs?.transposeA === true);
    const b = plain(inputs.b as tf.TensorInfo, attrs?.transposeB === true);
    const flags = { ...attrs, transposeA: false, transposeB: false };
    const product = multiply({ inputs: { ...inputs, a, b }, attrs: flags, backend });
    for (const { dataId } of made) (backend as tf.KernelBackend).disposeData(dataId);
    return product;
  };
