/** Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", https://doi.org/10.1145/2063384.2063405 */
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { KernelConfig, TensorInfo } from "@tensorflow/tfjs-core";
import { assertSameInt32 } from "./check.ts";
import { runElementwise } from "./elementwise.ts";

const kernelName = "LayerwiseThreefry2x32";

/** Threefry-2x32 with 20 rounds: `(key [2], x0, x1) → [y0, y1]`, all int32 holding the bits of u32. */
export const threefry2x32: KernelConfig = {
  kernelName,
  backendName: "webgpu",
  kernelFunc: ({ inputs, backend }) => {
    const { key, x0, x1 } = inputs as Record<"key" | "x0" | "x1", TensorInfo>;
    assertSameInt32(kernelName, { key });
    assertSameInt32(kernelName, { x0, x1 });
    if (key.shape.length !== 1 || key.shape[0] !== 2) {
      throw new Error(`${kernelName}: expected key of shape [2], got [${key.shape.join(", ")}]`);
    }
    // tfjs programs have one output. Hashing twice moves fewer bytes than one packed output and two slices.
    return (["x", "y"] as const).map((lane) =>
      runElementwise(backend as WebGPUBackend, {
        name: `threefry2x32_${lane}`,
        inputs: { key, x0, x1 },
        shape: x0.shape,
        dtype: "int32",
        functions: threefry,
        expression: `bitcast<i32>(threefry2x32(vec2<u32>(bitcast<u32>(key[0]), bitcast<u32>(key[1])),
          vec2<u32>(bitcast<u32>(x0[index]), bitcast<u32>(x1[index]))).${lane})`,
      }),
    );
  },
};

const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

const round = (rotation: number): string =>
  `x.x += x.y; x.y = (x.y << ${rotation}u) | (x.y >> ${32 - rotation}u); x.y ^= x.x;`;

// Every 4 rounds the next two words of the extended key (k0, k1, k0 ^ k1 ^ parity) and a counter are added.
const injections = [0, 1, 2, 3, 4]
  .map(
    (i) => `
  ${(rotations[i % 2] ?? []).map(round).join("\n  ")}
  x += vec2<u32>(k[${(i + 1) % 3}], k[${(i + 2) % 3}] + ${i + 1}u);`,
  )
  .join("");

const threefry = `
fn threefry2x32(key : vec2<u32>, counter : vec2<u32>) -> vec2<u32> {
  let k = array<u32, 3>(key.x, key.y, key.x ^ key.y ^ 0x1BD11BDAu);
  var x = counter + key;${injections}
  return x;
}`;
