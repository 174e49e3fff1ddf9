import { at } from "../../ir/shape.ts";
import type { Value } from "../../ir/types.ts";
import type { KernelCall } from "./kernel-call.ts";
import type { Lowering } from "./lowering.ts";
import { float } from "./operands.ts";

interface Samples {
  /** [boxes, positions]: where in the image each position of the crop lies. */
  readonly positions: Value;
  /** [boxes, positions]: whether that is inside the image. */
  readonly inside: Value;
}

// The sides of the boxes are fractions of the image: 0 is its first pixel's centre, 1 its last one's.
const samples = (
  call: KernelCall,
  boxes: Value,
  side: 0 | 1,
  size: number,
  count: number,
): Samples => {
  const { b } = call;
  const number = at(boxes.type.shape, 0);
  const column = (i: number): Value => b.reshape(b.slice(boxes, [0, i], [number, i + 1]), [number]);
  const [low, high] = [column(side), column(side + 2)];
  const type = { shape: [number, count], dtype: "f32" } as const;
  const spread = (x: Value): Value => b.broadcastInDim(b.scale(x, size - 1), type.shape, [0]);
  const positions =
    count > 1
      ? b.add(
          spread(low),
          b.mul(spread(b.scale(b.sub(high, low), 1 / (count - 1))), b.iota(type, 1)),
        )
      : spread(b.scale(b.add(low, high), 0.5));
  const inside = b.map(
    "and",
    b.compare(positions, "GE", b.zeros(type)),
    b.compare(positions, "LE", b.fill(type, size - 1)),
  );
  return { positions, inside };
};

// Weights [boxes, positions, size] of the pixels of one axis.
const weights = (call: KernelCall, positions: Value, size: number): Value => {
  const { b } = call;
  const type = { shape: [...positions.type.shape, size], dtype: "f32" } as const;
  const nearest = call.choice("method", "bilinear", "nearest") === "nearest";
  // Half a pixel up, as JavaScript's Math.round does.
  const source = nearest ? b.map("floor", b.shift(positions, 0.5)) : positions;
  const distance = b.map(
    "abs",
    b.sub(b.broadcastInDim(source, type.shape, [0, 1]), b.iota(type, 2)),
  );
  const weight = b.sub(b.fill(type, 1), distance);
  return b.select(b.compare(weight, "GT", b.zeros(type)), weight, b.zeros(type));
};

/** Cuts boxes out of images and brings them to one size; linear in the images. */
export const cropAndResize: Lowering = (call) => {
  const { b } = call;
  const image = float(b, call.input("image"));
  const boxes = float(b, call.input("boxes"));
  const [, height = 0, width = 0, channels = 0] = image.type.shape;
  const count = at(boxes.type.shape, 0);
  const [cropHeight = 0, cropWidth = 0] = call.numbers("cropSize");
  const index = b.reshape(b.convert(call.signedInput("boxInd"), "i32"), [count, 1]);
  const images = b.one("gather", [image, index], {
    offsetDims: [1, 2, 3],
    collapsedSliceDims: [0],
    operandBatchingDims: [],
    indicesBatchingDims: [],
    startIndexMap: [0],
    sliceSizes: [1, height, width, channels],
  });
  const rows = samples(call, boxes, 0, height, cropHeight);
  const columns = samples(call, boxes, 1, width, cropWidth);
  const contract = (matrix: Value, x: Value, axis: number): Value =>
    b.dot(matrix, x, {
      lhsBatch: [0],
      rhsBatch: [0],
      lhsContracting: [2],
      rhsContracting: [axis],
    });
  // [boxes, crop height, width, channels], then [boxes, crop width, crop height, channels].
  const tall = contract(weights(call, rows.positions, height), images, 1);
  const crops = contract(weights(call, columns.positions, width), tall, 2);
  const result = b.transpose(crops, [0, 2, 1, 3]);
  const { shape } = result.type;
  const inside = b.map(
    "and",
    b.broadcastInDim(rows.inside, shape, [0, 1]),
    b.broadcastInDim(columns.inside, shape, [0, 2]),
  );
  const outside = b.fill(result.type, call.number("extrapolationValue", 0));
  return b.select(inside, result, outside);
};
