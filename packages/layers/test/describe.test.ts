import { random, scan, treeTidy } from "@layerwise/autodiff";
import type { Layer } from "@layerwise/layers";
import {
  activation,
  conv2d,
  countParameters,
  dense,
  describe,
  freeze,
  lambda,
  parallel,
  residual,
  sequential,
  tie,
  toTable,
  totalsOf,
} from "@layerwise/layers";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { alive } from "./setup.ts";
import { resnet50 } from "./support/resnet50.ts";

test("containers are opened; those that compute have a row behind their parts", () => {
  const net = sequential({
    block: residual(dense({ units: 4 }), { gain: 0 }),
    both: parallel([dense({ units: 3 }), activation("relu")]),
    head: freeze(sequential([dense({ units: 2, useBias: false })])),
  });
  const before = alive();
  const text = toTable(describe(net, [4]));
  expect(alive()).toBe(before);
  expect(text).toBe(
    [
      "layer       kind      output  parameters  flops  activations",
      "block.body  dense     [4]             20     36            4",
      "block       residual  [4]              1      8            4",
      "both.0      dense     [3]             15     27            3",
      "both.1      relu      [4]              0      8            4",
      "both        parallel  [7]              0      0            7",
      "head.0      dense     [2]             14     28            2",
      "total                                 50    107           24",
    ].join("\n"),
  );
  expect(toTable(describe(net, net.init(random.key(0), [4]), [4]))).toBe(text);
});

test("counts: the trained values of a tree or of a layer, shared tensors once", () => {
  const net = sequential([dense({ units: 3 }), dense({ units: 3 })]);
  const { params } = net.init(random.key(0), [3]);
  expect([countParameters(params), countParameters(net, [3])]).toEqual([24, 24]);
  const kernel = params["0"].kernel;
  expect(countParameters({ a: { kernel }, b: { kernel }, c: null })).toBe(9);
  const tied = tie(net, { "1.kernel": "0.kernel" });
  expect(countParameters(tied, [3])).toBe(15);
  expect(describe(tied, [3]).map(({ parameters }) => parameters)).toEqual([12, 3]);
});

test("arithmetic: twice the multiply-adds, with windows, groups and loops (closed forms)", () => {
  const flops = (layer: Layer, shape: number[]): number | null | undefined =>
    describe(layer, shape)[0]?.flops;
  const conv = { filters: 8, kernelSize: 3, padding: "same", useBias: false } as const;
  expect(flops(conv2d(conv), [10, 12, 6])).toBe(2 * 10 * 12 * 8 * 9 * 6);
  expect(flops(conv2d({ ...conv, groups: 2 }), [10, 12, 6])).toBe(2 * 10 * 12 * 8 * 9 * 3);
  expect(
    flops(
      lambda((x) => tf.exp(tf.neg(x))),
      [5],
    ),
  ).toBe(10);
  expect(
    flops(
      lambda((x) => tf.transpose(tf.reshape(x, [-1, 2, 3]), [0, 2, 1])),
      [6],
    ),
  ).toBe(0);
  expect(
    flops(
      lambda((x) => tf.sum(x, 1)),
      [7],
    ),
  ).toBe(7);
  const pool = lambda((x) => tf.maxPool(x as tf.Tensor4D, 2, 2, "valid"));
  expect(flops(pool, [4, 4, 3])).toBe(2 * 2 * 3 * 4);
  const loop = lambda(
    (x) => scan((c: tf.Tensor) => ({ carry: tf.mul(c, c), y: null }), x, null, { length: 9 }).carry,
  );
  expect(flops(loop, [5])).toBe(45);
});

test("a layer may say its cost; one that cannot be traced has none", () => {
  const reading = {
    kind: "reading",
    init: () => ({ params: null, state: null }),
    apply: ({ state }, x) => treeTidy(() => ({ y: tf.mul(x, x.dataSync()[0] ?? 0), state })),
    outputShape: (shape) => shape,
  } satisfies Layer<null, null>;
  const net = sequential([reading, dense({ units: 1 })]);
  const rows = describe(net, [2]);
  expect(rows.map(({ flops }) => flops)).toEqual([null, 5]);
  expect(toTable(rows)).toContain("reading  [2]              0      ?            2");
  const telling = { ...reading, cost: () => ({ flops: 7, activations: 9 }) };
  expect(totalsOf(describe(telling, [2]))).toEqual({
    parameters: 0,
    flops: 7,
    activations: 9,
    bytes: 36,
  });
});

test("totals of a batch", () => {
  const rows = describe(dense({ units: 3 }), [4]);
  expect(totalsOf(rows, { batchSize: 10, bytesPerValue: 2 })).toEqual({
    parameters: 15,
    flops: 270,
    activations: 30,
    bytes: 2 * (15 + 30),
  });
});

test("errors name the path", () => {
  const net = sequential({ a: sequential([residual(dense({ units: 3 }))]) });
  expect(() => describe(net, [4])).toThrow(
    "a.0 (residual): expected the body to give the input's shape [4], got [3]",
  );
});

test("ResNet-50: 26 M weights and 16 M activations, 168 MB in float32, without allocating any", () => {
  const before = alive();
  const rows = describe(resnet50(), [224, 224, 3]);
  expect(alive()).toBe(before);
  // torchvision's 25,557,032, with a bias in place of scale and shift for 26,560 channels.
  expect(totalsOf(rows).parameters).toBe(25_557_032 - 26_560);
  const of = (...kinds: string[]) => totalsOf(rows.filter(({ kind }) => kinds.includes(kind)));
  expect(rows.filter(({ kind }) => kind === "conv2d" || kind === "dense")).toHaveLength(50 + 4);
  // 4.09 · 10⁹ multiply-adds, 11.11 M outputs of convolutions: the figures of timm's tables.
  expect((of("conv2d", "dense").flops / 2e9).toFixed(2)).toBe("4.09");
  expect((of("conv2d").activations / 1e6).toFixed(2)).toBe("11.11");
  // What convolutions and sums give; relus can work in place.
  const { activations } = of("conv2d", "residual");
  expect((activations / 1e6).toFixed(1)).toBe("16.6");
  expect(Math.floor((4 * (totalsOf(rows).parameters + activations)) / 1e6)).toBe(168);
});
