import { buildGraph } from "../../ir/builder.ts";
import { at, range } from "../../ir/shape.ts";
import type { Graph, Shape, TensorType, Value } from "../../ir/types.ts";
import { printCall } from "./control.ts";
import type { Printer } from "./scope.ts";

// Rotations of eight rounds and the key-schedule parity of Threefish (Salmon et al., "Parallel
// random numbers: as easy as 1, 2, 3", SC 2011).
const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24];
const PARITY = 0x1bd11bda;

const threefryGraph = (shape: Shape): Graph => {
  const type: TensorType = { shape, dtype: "u32" };
  const pair: TensorType = { shape: [2], dtype: "u32" };
  return buildGraph([pair, type, type], (b, [key, first, second]) => {
    const word = (i: number): Value =>
      b.broadcastInDim(b.reshape(b.slice(key!, [i], [i + 1]), []), shape, []);
    const [k0, k1] = [word(0), word(1)];
    const parity = b.map("xor", b.map("xor", k0, k1), b.fill(type, PARITY));
    const keys = [k0, k1, parity];
    let [x0, x1] = [b.add(first!, k0), b.add(second!, k1)];
    for (const round of range(20)) {
      const turn = at(ROTATIONS, round % 8);
      const left = b.map("shift_left", x1, b.fill(type, turn));
      const right = b.map("shift_right_logical", x1, b.fill(type, 32 - turn));
      x0 = b.add(x0, x1);
      x1 = b.map("xor", b.map("or", left, right), x0);
      if (round % 4 === 3) {
        const injection = (round + 1) / 4;
        x0 = b.add(x0, at(keys, injection % 3));
        x1 = b.shift(b.add(x1, at(keys, (injection + 1) % 3)), injection);
      }
    }
    return [x0, x1];
  });
};

/** Text of `threefry2x32`: a call of a function that the module has once per shape. */
export const printThreefry: Printer<"threefry2x32"> = (scope, { inputs, outputs }) => {
  const { shape } = at(outputs, 0);
  const symbol = ["threefry2x32", ...shape].join("_");
  const build = (): Graph => threefryGraph(shape);
  return printCall(scope, scope.functions.ofName(symbol, build), inputs, outputs);
};
