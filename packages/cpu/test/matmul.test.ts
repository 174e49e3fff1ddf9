// Oracle: three float64 loops over plain arrays. Inputs are at most 1 in size and exact in float32, so any order of
// float32 summation over K products errs by at most about K · 2^-24 · K (Higham 2002, section 3.1).
import { cpu } from "@layerwise/cpu";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { distance, live, random } from "./reference.ts";

await cpu();

const bound = (inner: number): number => inner * inner * 2 ** -24;

const layouts = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

/** `a` is [batchA..., M, K], or [batchA..., K, M] when transposed; `b` likewise; batches broadcast. */
const loops = (a: tf.Tensor, b: tf.Tensor, transposeA: boolean, transposeB: boolean): number[] => {
  const [x, y] = [a.dataSync(), b.dataSync()];
  const [rowsA, columnsA] = a.shape.slice(-2) as [number, number];
  const [rowsB, columnsB] = b.shape.slice(-2) as [number, number];
  const [m, k] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const n = transposeB ? rowsB : columnsB;
  const batches = (s: tf.Tensor): tf.Tensor => {
    const batch = s.shape.slice(0, -2);
    return tf.tensor(
      Int32Array.from({ length: tf.util.sizeFromShape(batch) }, (_, i) => i),
      batch,
      "int32",
    );
  };
  // Which matrix of each operand, per matrix of the result; broadcasting is tfjs's own, of indices, not of products.
  const zero = tf.mul(tf.add(batches(a), batches(b)), tf.scalar(0, "int32"));
  const [ofA, ofB] = [tf.add(zero, batches(a)).dataSync(), tf.add(zero, batches(b)).dataSync()];
  const out: number[] = [];
  for (let batch = 0; batch < ofA.length; batch++) {
    const [startA, startB] = [(ofA[batch] as number) * m * k, (ofB[batch] as number) * k * n];
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let l = 0; l < k; l++) {
          const left = x[startA + (transposeA ? l * m + i : i * k + l)] as number;
          sum += left * (y[startB + (transposeB ? j * k + l : l * n + j)] as number);
        }
        out.push(sum);
      }
    }
  }
  return out;
};

const swapIf = (swap: boolean, [rows, columns]: readonly [number, number]): number[] =>
  swap ? [columns, rows] : [rows, columns];

const batchings = [
  { batchA: [], batchB: [] },
  { batchA: [3], batchB: [3] },
  { batchA: [3], batchB: [1] },
  { batchA: [1], batchB: [3] },
  { batchA: [3], batchB: [] },
  { batchA: [], batchB: [2] },
  { batchA: [2, 1], batchB: [3] },
  { batchA: [2, 3], batchB: [2, 3] },
  { batchA: [1, 3], batchB: [2, 1] },
];

// Sizes around XNNPACK's tiles of 4 to 16 and tfjs's block of 48, and an outer product.
const sizes = [
  [1, 1, 1],
  [5, 1, 3],
  [3, 7, 5],
  [17, 49, 33],
  [2, 100, 1],
] as const;

for (const [transposeA, transposeB] of layouts) {
  const name = `matMul${transposeA ? " aᵀ" : " a"}${transposeB ? "·bᵀ" : "·b"}`;
  test.for(batchings)(`${name}: batches $batchA and $batchB equal float64 loops`, (batching) => {
    for (const [m, k, n] of sizes) {
      tf.tidy(() => {
        const a = random([...batching.batchA, ...swapIf(transposeA, [m, k])], m + k);
        const b = random([...batching.batchB, ...swapIf(transposeB, [k, n])], k + n);
        const got = tf.matMul(a, b, transposeA, transposeB);
        const batch = tf.broadcast_util.assertAndGetBroadcastShape(
          batching.batchA,
          batching.batchB,
        );
        expect(got.shape).toEqual([...batch, m, n]);
        const error = distance(got.dataSync(), loops(a, b, transposeA, transposeB));
        expect(error).toBeLessThanOrEqual(bound(k));
      });
    }
  });
}

const activations: Record<string, (x: number, alpha: number) => number> = {
  linear: (x) => x,
  relu: (x) => Math.max(x, 0),
  relu6: (x) => Math.min(Math.max(x, 0), 6),
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  leakyrelu: (x) => (x > 0 ? x : 0.25 * x),
  prelu: (x, alpha) => (x > 0 ? x : alpha * x),
};

const fusedCases = Object.keys(activations).flatMap((activation) =>
  [[33], [1], [17, 33], [1, 33], undefined].map((biasShape) => ({ activation, biasShape })),
);

test.for(fusedCases)(
  "fused.matMul: $activation of a product plus bias $biasShape equals float64 loops",
  ({ activation, biasShape }) => {
    const [m, k, n] = [17, 49, 33];
    for (const [transposeA, transposeB] of layouts) {
      for (const batch of [[], [2]]) {
        tf.tidy(() => {
          const a = random([...batch, ...swapIf(transposeA, [m, k])], 1);
          const b = random([...batch, ...swapIf(transposeB, [k, n])], 2);
          const bias = biasShape && random(biasShape, 3);
          const alpha = random([n], 4);
          const got = tf.fused.matMul({
            a,
            b,
            transposeA,
            transposeB,
            activation: activation as tf.fused.Activation,
            ...(bias && { bias }),
            ...(activation === "prelu" && { preluActivationWeights: alpha }),
            leakyreluAlpha: 0.25,
          });
          const [biases, alphas] = [bias?.dataSync() ?? [0], alpha.dataSync()];
          const want = loops(a, b, transposeA, transposeB).map((product, i) => {
            const x = product + (biases[(i % (m * n)) % biases.length] as number);
            return activations[activation]?.(x, alphas[i % n] as number) as number;
          });
          expect(got.shape).toEqual([...batch, m, n]);
          // All activations have slopes of at most 1; the last term is for elu's and sigmoid's own rounding.
          expect(distance(got.dataSync(), want)).toBeLessThanOrEqual(bound(k + 1) + 2 ** -21);
        });
      }
    }
  },
);

test("fused.matMul: a bias that was a matrix once is still a bias", () => {
  const bias = tf.reshape(tf.tensor2d([[10, 20]]), [2]);
  const got = tf.fused.matMul({
    a: tf.tensor2d([[1, 2]]),
    b: tf.tensor2d([
      [1, 0],
      [0, 1],
    ]),
    bias,
  });
  expect(Array.from(got.dataSync())).toEqual([11, 22]);
});

test("matMul: integers are exact", () => {
  const a = tf.tensor2d(
    [
      [1, -2],
      [3, 2 ** 20],
    ],
    [2, 2],
    "int32",
  );
  const got = tf.matMul(a, a, true, false);
  // [1 3; -2 2^20] · [1 -2; 3 2^20]
  expect([got.dtype, got.shape]).toEqual(["int32", [2, 2]]);
  const product = 3 * 2 ** 20 - 2;
  expect(Array.from(got.dataSync())).toEqual([
    10,
    product,
    product,
    Math.imul(2 ** 20, 2 ** 20) + 4,
  ]);
});

test.for(layouts)(
  "matMul: empty operands, and an empty inner axis, with transposes %s",
  ([tA, tB]) => {
    for (const [m, k, n] of [
      [0, 3, 2],
      [2, 3, 0],
      [2, 0, 3],
    ] as const) {
      for (const batch of [[], [2], [0]]) {
        const a = tf.zeros([...batch, ...swapIf(tA, [m, k])]);
        const b = tf.zeros([...batch, ...swapIf(tB, [k, n])]);
        for (const got of [
          tf.matMul(a, b, tA, tB),
          tf.fused.matMul({ a, b, transposeA: tA, transposeB: tB }),
        ]) {
          expect(got.shape).toEqual([...batch, m, n]);
          expect(Array.from(got.dataSync())).toEqual(new Array(got.size).fill(0));
        }
      }
    }
  },
);

test("matMul and fused.matMul leave nothing behind", () => {
  const before = live();
  for (const [transposeA, transposeB] of layouts) {
    for (const { batchA, batchB } of batchings) {
      tf.tidy(() => {
        tf.matMul(
          random([...batchA, 4, 4], 1),
          random([...batchB, 4, 4], 2),
          transposeA,
          transposeB,
        );
      });
    }
    for (const [batch, bias] of [
      [[], [4]],
      [[], [1]],
      [[2], [4]],
    ] as const) {
      tf.tidy(() => {
        const [a, b] = [random([...batch, 4, 4], 1), random([...batch, 4, 4], 2)];
        const more = { transposeA, transposeB, activation: "relu" } as const;
        tf.fused.matMul({ a, b, bias: random([...bias], 3), ...more });
      });
    }
    tf.tidy(() => {
      const a = tf.ones([3, 3], "int32");
      tf.matMul(a, a, transposeA, transposeB);
    });
  }
  expect(live()).toEqual(before);
});
