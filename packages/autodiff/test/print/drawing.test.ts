// Oracles: the chain rule by hand, and what a drawing must never do.
import { annotate, toDot, toSvg } from "@layerwise/autodiff";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import type { AnnotatedGraph } from "../../src/print/annotate.ts";
import { type LayoutInput, layout } from "../../src/print/layout.ts";
import { spread } from "../../src/print/spread.ts";
import { randomGraphs } from "../support/random-graphs.ts";

beforeAll(() => tf.setBackend("cpu"));

const numbers = ({ graph, annotations }: AnnotatedGraph) => {
  const of = (values: readonly (typeof graph.inputs)[number][]) =>
    values.map((v) => {
      const found = annotations.get(v)!;
      return [...Array.from(found.value!), ...Array.from(found.gradient!)];
    });
  return { inputs: of(graph.inputs), nodes: of(graph.nodes.flatMap((n) => n.outputs)) };
};

const scalars = (...list: number[]): tf.Scalar[] => list.map((x) => tf.scalar(x));

// The images of docs/graphs.md; `vitest run -u` writes them anew.
const image = (name: string): string => `../../../../docs/images/${name}.svg`;

describe("f(x, y, z) = (x + y) z at x = -2, y = 5, z = -4", () => {
  const f = (x: tf.Scalar, y: tf.Scalar, z: tf.Scalar) => tf.mul(tf.add(x, y), z);
  const names = { inputs: ["x", "y", "z"], outputs: ["f"] };
  const drawn = () => annotate(f, scalars(-2, 5, -4) as [tf.Scalar, tf.Scalar, tf.Scalar]);

  test("values and gradients", () => {
    expect(numbers(drawn())).toEqual({
      // df/dx = df/dy = z, df/dz = x + y
      inputs: [
        [-2, -4],
        [5, -4],
        [-4, 3],
      ],
      // q = x + y with df/dq = z, then f itself
      nodes: [
        [3, -4],
        [-12, 1],
      ],
    });
  });

  test("the image shows them", async () => {
    const { graph, annotations } = drawn();
    const svg = toSvg(graph, { annotations, ...names });
    const texts = [...svg.matchAll(/fill="#(188038|c5221f)"[^>]*>([^<]*)</g)].map((m) => m[2]);
    expect(texts).toEqual(["-2", "-4", "5", "-4", "3", "-4", "-4", "3", "-12", "1"]);
    await expect(svg).toMatchFileSnapshot(image("lecture"));
  });

  test("so does the DOT text", async () => {
    const { graph, annotations } = drawn();
    expect(toDot(graph, { annotations, ...names })).toMatchInlineSnapshot(`
      "digraph {
        rankdir=LR;
        n0 [label="x\\nf32[]", shape=plaintext];
        n1 [label="y\\nf32[]", shape=plaintext];
        n2 [label="z\\nf32[]", shape=plaintext];
        n3 [label="add\\nf32[]", shape=box, style=rounded];
        n4 [label="multiply\\nf32[]", shape=box, style=rounded];
        n5 [label="f\\nf32[]", shape=plaintext];
        n0 -> n3 [label=<<font color="#188038">-2</font><br/><font color="#c5221f">-4</font>>];
        n1 -> n3 [label=<<font color="#188038">5</font><br/><font color="#c5221f">-4</font>>];
        n3 -> n4 [label=<<font color="#188038">3</font><br/><font color="#c5221f">-4</font>>];
        n2 -> n4 [label=<<font color="#188038">-4</font><br/><font color="#c5221f">3</font>>];
        n4 -> n5 [label=<<font color="#188038">-12</font><br/><font color="#c5221f">1</font>>];
      }
      "
    `);
  });
});

test("a neuron: f = σ(w·x + b), whose gradients are f (1 − f) times each factor", async () => {
  const neuron = (w0: tf.Scalar, x0: tf.Scalar, w1: tf.Scalar, x1: tf.Scalar, b: tf.Scalar) =>
    tf.sigmoid(tf.add(tf.add(tf.mul(w0, x0), tf.mul(w1, x1)), b));
  const drawn = annotate(neuron, scalars(2, -1, -3, -2, -3) as never);
  const f = 1 / (1 + Math.exp(-1));
  const slope = f * (1 - f);
  const wanted = [-1 * slope, 2 * slope, -2 * slope, -3 * slope, slope];
  numbers(drawn).inputs.forEach(([, gradient], i) => {
    expect(gradient).toBeCloseTo(wanted[i]!, 15);
  });
  const names = { inputs: ["w0", "x0", "w1", "x1", "b"], outputs: ["f"] };
  const svg = toSvg(drawn.graph, { annotations: drawn.annotations, ...names });
  await expect(svg).toMatchFileSnapshot(image("neuron"));
});

test("a value that is used twice collects both gradients; tensors and integers", () => {
  const x = tf.tensor1d([1, 2, 3]);
  const index = tf.tensor1d([2, 2], "int32");
  const f = (v: tf.Tensor1D, i: tf.Tensor1D) => tf.sum(tf.mul(tf.gather(v, i), tf.gather(v, i)));
  const { graph, annotations } = annotate(f, [x, index]);
  // f = 2 x₂²
  expect(annotations.get(graph.inputs[0]!)).toEqual({
    value: Float64Array.of(1, 2, 3),
    gradient: Float64Array.of(0, 0, 12),
  });
  expect(annotations.get(graph.inputs[1]!)).toEqual({
    value: Int32Array.of(2, 2),
    gradient: undefined,
  });
  expect(toSvg(graph, { annotations })).toContain(">[0, 0, 12]<");
});

test("what is not a scalar has no gradient to draw", () => {
  expect(() => annotate((x: tf.Tensor) => tf.exp(x), [tf.ones([2])])).toThrow(
    "annotate: expected one float scalar as result, got (f32[2])",
  );
});

test("titles cannot break the image", () => {
  const { graph } = annotate((x: tf.Scalar) => tf.exp(x), [tf.scalar(0)]);
  expect(toSvg(graph, { inputs: ["<&>"] })).toContain(">&lt;&amp;&gt;<");
});

test("spread keeps order and distances and moves no more than needed", () => {
  expect(spread([0, 0], [0, 10])).toEqual([-5, 5]);
  expect(spread([0, 100], [0, 10])).toEqual([0, 100]);
  expect(spread([5, 0, 50], [0, 10, 10])).toEqual([-2.5, 7.5, 50]);
});

test("boxes do not overlap, and lines run from left to right", () => {
  const graphs = randomGraphs({ smoothness: "any", maxSteps: 12 });
  fc.assert(
    fc.property(graphs, ({ graph }) => {
      const values = graph.nodes.flatMap((n) => n.outputs);
      const boxes = [...graph.inputs, ...values];
      const number = new Map(boxes.map((v, i) => [v, i]));
      const edges = values.flatMap((v) =>
        v.producer!.inputs.map((x, k) => ({
          from: number.get(x)!,
          to: number.get(v)!,
          fromOffset: 0,
          toOffset: 14 * k,
        })),
      );
      const sizes = boxes.map((_, i) => ({ width: 40 + i, height: 42 + (i % 3), room: i % 5 }));
      const late = boxes.map((v) => v.producer?.op === "constant");
      const input: LayoutInput = { sizes, edges, late, gapX: 30, gapY: 20 };
      const plan = layout(input);
      for (const [n, { from, to }] of edges.entries()) {
        const stops = [plan.boxes[from]!, ...plan.passes[n]!, plan.boxes[to]!];
        for (const [k, stop] of stops.slice(1).entries()) {
          expect(stop.left - stops[k]!.exit).toBeGreaterThanOrEqual(30 - 1e-9);
        }
      }
      const columns = Map.groupBy(plan.boxes.keys(), (i) => plan.boxes[i]!.left);
      for (const members of columns.values()) {
        const sorted = members.sort((i, j) => plan.boxes[i]!.y - plan.boxes[j]!.y);
        for (const [k, i] of sorted.slice(1).entries()) {
          const j = sorted[k]!;
          const distance = plan.boxes[i]!.y - plan.boxes[j]!.y;
          const least = (sizes[i]!.height + sizes[j]!.height) / 2 + 20;
          expect(distance).toBeGreaterThanOrEqual(least - 1e-9);
        }
      }
    }),
    { numRuns: 200 },
  );
});
