import {
  activation,
  conv2d,
  dense,
  globalAveragePool,
  type Layer,
  maxPool2d,
  residual,
  sequential,
} from "@layerwise/layers";

const conv = (filters: number, kernelSize: number, strides = 1) =>
  conv2d({ filters, kernelSize, strides, padding: "same" });

/** 1 × 1, 3 × 3, 1 × 1, and a projection around them where the shape changes. */
const bottleneck = (units: number, strides: number, project: boolean): Layer => {
  const body = sequential({
    reduce: conv(units, 1),
    relu: activation("relu"),
    convolve: conv(units, 3, strides),
    relu2: activation("relu"),
    expand: conv(4 * units, 1),
  });
  const sum = project ? residual(body, { shortcut: conv(4 * units, 1, strides) }) : residual(body);
  return sequential({ sum: sum as unknown as Layer, relu: activation("relu") });
};

const stage = (units: number, blocks: number, strides: number): Layer =>
  sequential(
    Array.from({ length: blocks }, (_, i) => bottleneck(units, i === 0 ? strides : 1, i === 0)),
  );

/**
 * ResNet-50 with strides in the 3 × 3 convolutions, as torchvision has it, and biases in place of
 * batch normalization: that is what folding the normalization into the convolutions leaves.
 */
export const resnet50 = (): Layer =>
  sequential({
    stem: conv(64, 7, 2),
    relu: activation("relu"),
    pool: maxPool2d({ poolSize: 3, strides: 2, padding: "same" }),
    stage1: stage(64, 3, 1),
    stage2: stage(128, 4, 2),
    stage3: stage(256, 6, 2),
    stage4: stage(512, 3, 2),
    mean: globalAveragePool(),
    classes: dense({ units: 1000 }),
  });
