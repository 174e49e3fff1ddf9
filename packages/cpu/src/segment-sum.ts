import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { type KernelConfig, type TensorInfo, util } from "@tensorflow/tfjs-core";

/**
 * Sums rows by segment: `out[segmentIds[i]] += x[i]`; a negative id drops its row.
 *
 * It is the gradient of `tf.gather`. tfjs's JavaScript kernel makes a pass over all of `x` per segment, which for an
 * embedding means one per word, so it is not worth borrowing.
 */
export const unsortedSegmentSum: KernelConfig = {
  kernelName: "UnsortedSegmentSum",
  backendName: "wasm",
  kernelFunc: ({ inputs, attrs, backend }) => {
    const wasm = backend as BackendWasm;
    const { x, segmentIds } = inputs as Record<"x" | "segmentIds", TensorInfo>;
    const numSegments = attrs?.numSegments as number;
    const rowShape = x.shape.slice(segmentIds.shape.length);
    const out = wasm.makeOutput([numSegments, ...rowShape], x.dtype);
    // After makeOutput: an allocation may replace the heap under earlier views.
    const sums = wasm.typedArrayFromHeap(out).fill(0);
    const values = wasm.typedArrayFromHeap(x);
    const ids = wasm.typedArrayFromHeap(segmentIds);
    const width = util.sizeFromShape(rowShape);
    for (let row = 0; row < ids.length; row++) {
      const segment = ids[row] as number;
      if (segment < 0 || segment >= numSegments) continue;
      for (let i = 0; i < width; i++) {
        sums[segment * width + i]! += values[row * width + i] as number;
      }
    }
    return out;
  },
};
