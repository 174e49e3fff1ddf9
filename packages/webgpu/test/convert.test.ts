import * as tf from "@tensorflow/tfjs-core";
import { expect } from "vitest";
import { gpuTest } from "./gpu.ts";
import { bitsOf, int32, run, sizes, upload, words } from "./words.ts";

const sides = [(x: tf.Tensor) => x, upload];

gpuTest.for(sizes)("uint32ToFloat: %i elements equal Math.fround", async (size) => {
  const x = words(size, 11);
  for (const side of sides) {
    const y = run("LayerwiseUint32ToFloat", { x: side(int32(x)) });
    expect([y.dtype, y.shape]).toEqual(["float32", [size]]);
    expect(Array.from(await y.data())).toEqual(Array.from(x, Math.fround));
  }
});

gpuTest("uint32ToFloat: ties and their neighbours round as Math.fround, to even", async () => {
  const x: number[] = [];
  for (let exponent = 24; exponent < 32; exponent++) {
    const ulp = 2 ** (exponent - 23);
    for (const steps of [0, 1, 2, 3, 2 ** 23 - 1]) {
      for (const offset of [-1, 0, 1]) x.push(2 ** exponent + steps * ulp + ulp / 2 + offset);
    }
  }
  const bits = x.filter((value) => value < 2 ** 32);
  const y = await run("LayerwiseUint32ToFloat", { x: int32(bits) }).data();
  expect(Array.from(y)).toEqual(bits.map(Math.fround));
});

// The oracle is a DataView's view of the same bytes. Subnormals and NaN payloads are among the words.
gpuTest.for(sizes)("bitcast: %i elements keep their bits, there and back", async (size) => {
  const bits = words(size, 3);
  for (let i = 0; i < size; i += 4)
    bits[i] = [0x7fc12345, 0xff812345, 0x00000001, 0x807fffff][(i / 4) % 4] as number;
  for (const side of sides) {
    const x = side(int32(bits));
    const y = run("LayerwiseBitcast", { x }, { dtype: "float32" });
    expect([x.dtype, y.dtype, y.shape]).toEqual(["int32", "float32", [size]]);
    const view = new DataView(bits.buffer);
    const floats = Array.from(bits, (_, i) => view.getFloat32(4 * i, true));
    const back = run("LayerwiseBitcast", { x: y }, { dtype: "int32" });
    expect(back.dtype).toBe("int32");
    expect(Array.from(await y.data())).toEqual(floats);
    expect(await bitsOf(back)).toEqual(Array.from(bits));
    expect(await bitsOf(x)).toEqual(Array.from(bits));
  }
});

gpuTest("bitcast: a float tensor that came from the CPU keeps its dtype and values", async () => {
  const x = tf.tensor2d([1, -2, Number.POSITIVE_INFINITY, 0.1], [2, 2]);
  const y = run("LayerwiseBitcast", { x }, { dtype: "int32" });
  expect(y.shape).toEqual([2, 2]);
  expect(await bitsOf(y)).toEqual([0x3f800000, 0xc0000000, 0x7f800000, 0x3dcccccd]);
  expect(x.dtype).toBe("float32");
  expect(Array.from(await tf.add(x, 1).data())).toEqual([
    2,
    -1,
    Number.POSITIVE_INFINITY,
    Math.fround(1.1),
  ]);
});

gpuTest("bitcast: says which dtypes it has", () => {
  expect(() => run("LayerwiseBitcast", { x: int32([1]) }, { dtype: "bool" })).toThrow(
    "LayerwiseBitcast: expected dtypes float32 and int32, got int32 to bool",
  );
});
