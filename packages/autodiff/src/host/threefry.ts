import { at } from "../ir/shape.ts";
import type { HostKernel } from "./tensor.ts";

// Rotations of eight rounds and the key-schedule parity of Threefish (Salmon et al., "Parallel
// random numbers: as easy as 1, 2, 3", SC 2011).
const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const;
const PARITY = 0x1bd11bda;

/** 20 rounds of Threefry-2x32; the result is the pair of the two words. */
export const threefry2x32 = (
  key0: number,
  key1: number,
  x0: number,
  x1: number,
): readonly [number, number] => {
  const keys = [key0, key1, key0 ^ key1 ^ PARITY] as const;
  x0 = (x0 + key0) | 0;
  x1 = (x1 + key1) | 0;
  for (let round = 0; round < 20; round++) {
    const turn = ROTATIONS[round % 8]!;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << turn) | (x1 >>> (32 - turn))) ^ x0;
    if (round % 4 === 3) {
      const injection = (round + 1) / 4;
      x0 = (x0 + keys[injection % 3]!) | 0;
      x1 = (x1 + keys[(injection + 1) % 3]! + injection) | 0;
    }
  }
  return [x0 >>> 0, x1 >>> 0];
};

/** Evaluation of `threefry2x32`, element by element. */
export const hostThreefry: HostKernel<"threefry2x32"> = (inputs) => {
  const [key, x0, x1] = [at(inputs, 0).data, at(inputs, 1).data, at(inputs, 2).data];
  const [y0, y1] = [new Uint32Array(x0.length), new Uint32Array(x0.length)];
  for (let i = 0; i < x0.length; i++) {
    [y0[i], y1[i]] = threefry2x32(key[0]!, key[1]!, x0[i]!, x1[i]!);
  }
  return [y0, y1];
};
