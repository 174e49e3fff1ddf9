import type { TensorTree } from "@layerwise/autodiff";
import { dense } from "@layerwise/layers";
import {
  batchNorm,
  decorrelatedBatchNorm,
  evoNorm,
  filterResponseNorm,
  globalResponseNorm,
  groupNorm,
  instanceNorm,
  layerNorm,
  layerScale,
  localResponseNorm,
  pixelNorm,
  rmsNorm,
  thresholdedLinearUnit,
  unitNorm,
  weightNorm,
  weightStandardization,
} from "@layerwise/norm";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import {
  type AnyLayer,
  distance,
  evaluate,
  exactTensor,
  exactTensors,
  type Nested,
} from "./support/evaluate.ts";
import { casesOf, channelsLast, type GoldenCase, transposed } from "./support/fixtures.ts";

type Names = Readonly<Record<string, Nested>>;

interface Row {
  readonly layer: AnyLayer;
  readonly golden: GoldenCase;
  /** The case's parameters, and its gradients, under the layer's names. */
  readonly params: (named: Names) => unknown;
  readonly state?: TensorTree;
  readonly training?: boolean;
  /** Turns data of the case into the layout of the layer. */
  readonly layout?: (values: Nested) => Nested;
}

const affine = ({ w = NaN, b = NaN, gamma = w, beta = b }: Names): unknown => ({ gamma, beta });
const none = (): unknown => null;
const identity = (values: Nested): Nested => values;

/** The same case in the layout of the fixture and with its channels moved to the end. */
const bothLayouts = (
  golden: GoldenCase,
  make: (channelsFirst: boolean) => AnyLayer,
  rest: Omit<Row, "layer" | "golden">,
): Row[] => [
  { ...rest, golden, layer: make(true) },
  { ...rest, golden, layer: make(false), layout: channelsLast },
];

// Evaluation cases carry their running statistics.
const running = (golden: GoldenCase): TensorTree => ({
  mean: exactTensor(golden.config.rm as Nested),
  variance: exactTensor(golden.config.rv as Nested),
  steps: tf.scalar(1, "int32"),
});

const fresh = (channels: number): TensorTree => ({
  mean: tf.zeros([channels]),
  variance: tf.ones([channels]),
  steps: tf.scalar(0, "int32"),
});

const rows: readonly Row[] = [
  ...casesOf("batch_norm_train").flatMap((golden) =>
    bothLayouts(golden, (channelsFirst) => batchNorm({ channelsFirst }), {
      params: affine,
      state: fresh(3),
    }),
  ),
  ...casesOf("batch_norm_eval").flatMap((golden) =>
    bothLayouts(golden, (channelsFirst) => batchNorm({ channelsFirst }), {
      params: affine,
      state: running(golden),
      training: false,
    }),
  ),
  ...casesOf("batchNorm").map((golden) => ({
    layer: batchNorm({ eps: 1e-3 }),
    golden,
    params: affine,
    state: fresh(4),
  })),
  ...casesOf("layer_norm").map((golden, i) => ({
    layer: layerNorm({ lastAxes: i + 1 }),
    golden,
    params: affine,
  })),
  ...casesOf("layer_norm_constant_rows").map((golden) => ({
    layer: layerNorm(),
    golden,
    params: affine,
  })),
  ...casesOf("rmsNorm").map((golden) => ({
    layer: rmsNorm(golden.config),
    golden,
    params: ({ gamma, beta }: Names) => ({ gamma, beta: beta ?? null }),
  })),
  ...casesOf("group_norm").flatMap((golden) =>
    bothLayouts(
      golden,
      (channelsFirst) => groupNorm({ groups: golden.config.groups as number, channelsFirst }),
      { params: affine },
    ),
  ),
  ...casesOf("groupNorm").map((golden) => ({
    layer: groupNorm({ groups: golden.config.groups as number }),
    golden,
    params: affine,
  })),
  ...casesOf("instance_norm").flatMap((golden) =>
    bothLayouts(golden, (channelsFirst) => instanceNorm({ channelsFirst, affine: true }), {
      params: affine,
    }),
  ),
  ...casesOf("instanceNorm").map((golden) => ({
    layer: instanceNorm({ affine: true }),
    golden,
    params: affine,
  })),
  ...casesOf("local_response_norm").flatMap((golden) =>
    bothLayouts(
      golden,
      (channelsFirst) =>
        localResponseNorm({
          ...(golden.config as { size: number }),
          convention: "torch",
          channelsFirst,
        }),
      { params: none },
    ),
  ),
  ...casesOf("weight_norm_dim0").map((golden) => ({
    layer: weightNorm(dense({ units: 4, useBias: false })),
    golden,
    params: ({ v = NaN, g = NaN }: Names) => ({
      kernel: { g: transposed(g), v: transposed(v) },
      bias: null,
    }),
  })),
  ...casesOf("weightStandardization").map((golden) => ({
    layer: weightStandardization(dense({ units: 4 }), golden.config),
    golden,
    params: ({ weight, gain, bias }: Names) => ({ kernel: { weight, gain: gain ?? null }, bias }),
  })),
  ...casesOf("pixelNorm").map((golden) => ({ layer: pixelNorm(), golden, params: none })),
  ...casesOf("unitNorm").map((golden) => ({ layer: unitNorm(), golden, params: none })),
  ...casesOf("layerScale").map((golden) => ({ layer: layerScale(), golden, params: identityOf })),
  ...casesOf("thresholdedLinearUnit").map((golden) => ({
    layer: thresholdedLinearUnit(),
    golden,
    params: identityOf,
  })),
  ...casesOf("filterResponseNorm").map((golden) => ({
    layer: filterResponseNorm(golden.config),
    golden,
    params: ({ eps, ...rest }: Names) => ({ ...rest, eps: eps ?? null }),
  })),
  ...casesOf("globalResponseNorm").map((golden) => ({
    layer: globalResponseNorm(),
    golden,
    params: affine,
  })),
  ...casesOf("evoNorm").map((golden) => ({
    layer: evoNorm({ groups: 2 }),
    golden,
    params: identityOf,
  })),
  ...casesOf("decorrelatedBatchNorm").map((golden) => ({
    layer: decorrelatedBatchNorm({ iterations: 30 }),
    golden,
    params: affine,
    state: { mean: tf.zeros([4]), whitening: tf.eye(4), steps: tf.scalar(0, "int32") },
  })),
];

function identityOf(named: Names): unknown {
  return named;
}

/** Trees of nested numbers as trees of tensors that remember them. */
function tensors(tree: unknown): TensorTree {
  if (tree === null) return null;
  if (typeof tree === "number" || Array.isArray(tree)) return exactTensor(tree as Nested);
  const entries = Object.entries(tree as object).map(([name, part]) => [name, tensors(part)]);
  return Object.fromEntries(entries) as TensorTree;
}

/** The numbers of a tree in the order of its leaves: names sorted. */
function leafNumbers(tree: unknown): Nested {
  if (tree === null) return [];
  if (typeof tree === "number" || Array.isArray(tree)) return tree as Nested;
  const names = Object.keys(tree as object).sort();
  return names.map((name) => leafNumbers((tree as Readonly<Record<string, unknown>>)[name]));
}

describe.each(
  rows.map((row) => [`${row.layer.kind} ${JSON.stringify(row.golden.config)}`, row] as const),
)("%s", (_, { layer, golden, params, state, training = true, layout = identity }) => {
  test("output and gradients agree with PyTorch in float64 and float32", () => {
    const got = evaluate({
      layer,
      params: tensors(params(golden.params)),
      state: state ?? null,
      ...exactTensors({ x: layout(golden.x), cot: layout(golden.cot) }),
      training,
    });
    const want = {
      y: layout(golden.y),
      dx: layout(golden.dx),
      dparams: leafNumbers(params(golden.dparams)),
    };
    for (const name of ["y", "dx", "dparams"] as const) {
      const exact = distance(got.float64[name], want[name]);
      const rounded = distance(got.float32[name], want[name]);
      expect(exact, name).toBeLessThan(1e-12);
      expect(rounded, name).toBeLessThan(1e-6);
    }
  });
});
