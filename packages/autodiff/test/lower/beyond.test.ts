// Cases that tfjs's cpu kernels cannot check: they are wrong there, or have no kernel.
import { describe, expect, test } from "vitest";
import { evaluateGraph } from "../../src/host/index.ts";
import { hostTensor } from "../../src/host/tensor.ts";
import { Builder } from "../../src/ir/builder.ts";
import { KernelCall, lowerings } from "../../src/trace/lower/index.ts";
import { call, f, i, type Operand, of } from "./case.ts";
import { expectClose, lowered, type Result } from "./oracle.ts";

const one = (...given: Parameters<typeof call>): Result => lowered(call(...given))[0]!;
const values = (...given: Parameters<typeof call>): readonly number[] => one(...given).values;
const counting = (shape: readonly number[]): Operand =>
  of(
    Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, k) => k),
    "float32",
    shape,
  );
const noMasks = { beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 };

describe("where tfjs's kernel is wrong", () => {
  test("StridedSlice with a lost axis and a stride, by hand", () => {
    const attrs = { ...noMasks, begin: [2, 0], end: [3, 4], strides: [1, 2], shrinkAxisMask: 1 };
    expect(one("StridedSlice", "", { x: counting([4, 5]) }, attrs)).toEqual({
      shape: [2],
      dtype: "float32",
      values: [10, 12],
    });
  });

  test("StridedSlice of an empty range, by hand", () => {
    const attrs = { ...noMasks, begin: [3], end: [1], strides: [1] };
    expect(one("StridedSlice", "", { x: counting([5]) }, attrs).shape).toEqual([0]);
  });

  test("BatchMatMul of batches that both stretch equals Einsum on the stretched ones", () => {
    const [a, b] = [f([2, 1, 3, 4]), f([1, 3, 4, 5])];
    const [x, y] = [f([2, 3, 4]), f([3, 4, 5])];
    const product = one(
      "BatchMatMul",
      "",
      { a: { ...a, values: x.values }, b: { ...b, values: y.values } },
      { transposeA: false, transposeB: false },
    );
    const reference = one("Einsum", "", [x, y], { equation: "aij,bjk->abik" });
    expectClose([product], [reference]);
  });

  test.each(["ResizeBilinear", "ResizeNearestNeighbor"])(
    "%sGrad is the transpose of %s for every alignment and batch: <dy, F x> = <F' dy, x>",
    (kernel) => {
      const dot = (x: readonly number[], y: readonly number[]) =>
        x.reduce((sum, v, k) => sum + v * y[k]!, 0);
      for (const size of [
        [6, 8],
        [2, 2],
        [5, 7],
        [9, 3],
      ]) {
        for (const [alignCorners, halfPixelCenters] of [
          [false, false],
          [true, false],
          [false, true],
        ]) {
          const attrs = { size, alignCorners, halfPixelCenters };
          const [images, dy] = [f([2, 3, 4, 2]), f([2, ...size, 2])];
          const forward = values(kernel, "", { images }, attrs);
          const backward = values(`${kernel}Grad`, "", { images, dy }, attrs);
          // Sums of about 100 products in float32.
          expect(dot(backward, images.values)).toBeCloseTo(dot(dy.values, forward), 4);
        }
      }
    },
  );
});

describe("where tfjs has no kernel", () => {
  test("LogSoftmax is the logarithm of Softmax", () => {
    const logits = f([3, 5]);
    const logs = values("LogSoftmax", "", { logits }, { axis: -1 });
    const wanted = values("Softmax", "", { logits }, { dim: -1 });
    logs.forEach((x, k) => {
      expect(Math.exp(x)).toBeCloseTo(wanted[k]!, 6);
    });
  });

  test("LogSoftmax of numbers beyond the range of exp, by hand", () => {
    expect(values("LogSoftmax", "", { logits: of([1000, 0]) }, { axis: 0 })).toEqual([0, -1000]);
  });

  test("BroadcastTo aligns at the last axis", () => {
    expect(values("BroadcastTo", "", { x: of([1, 2]) }, { shape: [2, 2] })).toEqual([1, 2, 1, 2]);
  });

  test("LogicalXor, by its table", () => {
    const [a, b] = [of([0, 0, 1, 1], "bool"), of([0, 1, 0, 1], "bool")];
    expect(values("LogicalXor", "", { a, b })).toEqual([0, 1, 1, 0]);
  });

  test("DepthToSpace with channels first moves the axes only", () => {
    const x = f([2, 8, 2, 3]);
    const attrs = { blockSize: 2 };
    const last = one("Transpose", "", { x }, { perm: [0, 2, 3, 1] }) as Operand;
    const wanted = one("DepthToSpace", "", { x: last }, { ...attrs, dataFormat: "NHWC" });
    const given = one("DepthToSpace", "", { x }, { ...attrs, dataFormat: "NCHW" }) as Operand;
    expectClose([one("Transpose", "", { x: given }, { perm: [0, 2, 3, 1] })], [wanted]);
  });

  test("DepthwiseConv2dNative with channels first moves the axes only", () => {
    const [x, filter] = [f([1, 3, 5, 4]), f([2, 2, 3, 2])];
    const attrs = { strides: 1, pad: "same", dilations: 1 };
    const last = one("Transpose", "", { x }, { perm: [0, 2, 3, 1] }) as Operand;
    const kernel = "DepthwiseConv2dNative";
    const wanted = one(kernel, "", { x: last, filter }, { ...attrs, dataFormat: "NHWC" });
    const given = one(kernel, "", { x, filter }, { ...attrs, dataFormat: "NCHW" }) as Operand;
    expectClose([one("Transpose", "", { x: given }, { perm: [0, 2, 3, 1] })], [wanted]);
  });

  test("Einsum without an arrow, on a diagonal and on three operands, by hand", () => {
    const x = of([1, 2, 3, 4], "float32", [2, 2]);
    const v = of([5, 6]);
    const einsum = (equation: string, ...operands: readonly Operand[]) =>
      values("Einsum", equation, operands, { equation });
    expect(einsum("ii", x)).toEqual([5]);
    expect(einsum("ii->i", x)).toEqual([1, 4]);
    expect(einsum("ij,j", x, v)).toEqual([17, 39]);
    expect(einsum("ji", x)).toEqual([1, 3, 2, 4]);
    expect(einsum("i,ij,j->", v, x, v)).toEqual([25 + 60 + 90 + 144]);
  });
});

test("u32 operands compute as the int32 that tfjs shows", () => {
  const b = new Builder();
  const [x, y] = [
    b.input({ shape: [2], dtype: "u32" }),
    b.input({ shape: [2], dtype: "i32" }),
  ] as const;
  const less = lowerings.Less!(new KernelCall(b, "Less", { a: x, b: y }, {}));
  const kept = lowerings.Reshape!(new KernelCall(b, "Reshape", { x }, { shape: [2, 1] }));
  const joined = lowerings.Concat!(new KernelCall(b, "Concat", { 0: x, 1: y }, { axis: 0 }));
  const graph = b.finish([less, kept, joined].flat());
  const bits = hostTensor({ shape: [2], dtype: "u32" }, [0xffffffff, 7]);
  const numbers = hostTensor({ shape: [2], dtype: "i32" }, [0, 3]);
  const results = evaluateGraph(graph, [bits, numbers]);
  expect(results.map(({ type }) => type.dtype)).toEqual(["bool", "u32", "i32"]);
  expect(results.map(({ data }) => [...data])).toEqual([
    [1, 0],
    [0xffffffff, 7],
    [-1, 7, 0, 3],
  ]);
});

describe("errors name the kernel and what is wrong", () => {
  const fails = (...given: Parameters<typeof call>) => expect(() => lowered(call(...given)));

  test("attributes", () => {
    fails("Sum", "", { x: f([2, 3]) }, { axis: 2 }).toThrow(
      'Sum: attribute "axis" must be axes of an array of rank 2, got 2',
    );
    fails("Cast", "", { x: f([2]) }, { dtype: "complex64" }).toThrow(
      'Cast: attribute "dtype" must be float32, int32 or bool, got complex64',
    );
    fails("PadV2", "", { x: f([2]) }, { paddings: [1, 2], constantValue: 0 }).toThrow(
      'PadV2: attribute "paddings" must be a list of pairs, got [1,2]',
    );
    fails(
      "Conv2D",
      "",
      { x: f([1, 4, 4, 1]), filter: f([2, 2, 1, 1]) },
      { dataFormat: "x" },
    ).toThrow('Conv2D: attribute "dataFormat" must be "NHWC" or "NCHW", got x');
  });

  test("operands", () => {
    fails("Add", "", { a: f([2]) }).toThrow('Add: operand "b" is missing, got [a]');
    fails("Einsum", "", [f([2, 3]), f([4, 5])], { equation: "ij,jk->ik" }).toThrow(
      'Einsum: "ij,jk->ik": expected dimension 3 at axis 0 of the input shaped [4,5]',
    );
    fails("Einsum", "", [f([2, 3])], { equation: "ij,jk->ik" }).toThrow(
      'Einsum: Expected 2 input tensors, received 1 ("ij,jk->ik")',
    );
    fails("Pack", "", [f([2]), i([2])], { axis: 0 }).toThrow(
      "Pack: expected operands of one shape and dtype, got f32[2], i32[2]",
    );
    fails("Concat", "", [f([1, 3]), f([0, 4])], { axis: 0 }).toThrow("concatenate");
    fails("GatherNd", "", { params: f([4]), indices: i([3, 2]) }).toThrow(
      "GatherNd: indices [3,2] do not address an array [4]",
    );
    fails("GatherV2", "", { x: f([4, 3]), indices: i([5, 2]) }, { axis: 1, batchDims: 1 }).toThrow(
      "GatherV2: x.shape[0] should be equal to indices.shape[0], got [4,3] and [5,2]",
    );
    fails("MaxPool", "", { x: f([3, 3, 1]) }, { filterSize: 2, strides: 1, pad: 0 }).toThrow(
      "MaxPool: expected rank 4 or 5, got [3,3,1]",
    );
    fails("Slice", "", { x: i([4]) }, { begin: [2], size: [3] }).toThrow(
      "Slice: begin [2] and size [3] leave the input [4]",
    );
  });
});
