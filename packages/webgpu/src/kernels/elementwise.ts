import type { WebGPUBackend, WebGPUProgram } from "@tensorflow/tfjs-backend-webgpu";
import { type DataType, type TensorInfo, util } from "@tensorflow/tfjs-core";

/** One WGSL expression per element, over inputs that are bound under their names. */
export interface Elementwise {
  /** Identifies the shader in tfjs's pipeline cache: one name, one source. */
  readonly name: string;
  readonly inputs: { readonly [variable: string]: TensorInfo };
  readonly shape: number[];
  readonly dtype: DataType;
  /** The element at `index: i32`. */
  readonly expression: string;
  /** WGSL functions that the expression calls. */
  readonly functions?: string;
}

/** Runs an element-wise program on tfjs's own command stream and returns its output. */
export const runElementwise = (
  backend: WebGPUBackend,
  { name, inputs, shape, dtype, expression, functions = "" }: Elementwise,
): TensorInfo => {
  const output = backend.makeTensorInfo(shape, dtype);
  const program = new ElementwiseProgram(name, Object.keys(inputs), flatten(output).shape, () =>
    [
      functions,
      "fn main(index : i32) {",
      `  if (index < uniforms.size) { result[index] = ${expression}; }`,
      "}",
    ].join("\n"),
  );
  const flatInputs = Object.values(inputs).map(flatten);
  backend.runWebGPUProgram(program, flatInputs, dtype, undefined, flatten(output));
  return output;
};

// tfjs makes a shader per rank and has none above 6; element-wise work needs rank 1 only.
const flatten = ({ dataId, dtype, shape }: TensorInfo): TensorInfo => ({
  dataId,
  dtype,
  shape: [util.sizeFromShape(shape)],
});

/** A class, as tfjs labels pipelines with the constructor's name. */
class ElementwiseProgram implements WebGPUProgram {
  readonly shaderKey: string;
  readonly variableNames: string[];
  readonly outputShape: number[];
  readonly getUserCode: () => string;
  readonly dispatchLayout: { x: number[] } = { x: [0] };
  readonly workgroupSize: [number, number, number] = [64, 1, 1];
  readonly size = true;
  /** Not readonly: tfjs folds it into three dimensions when it is longer than the device allows. */
  dispatch: [number, number, number];

  constructor(name: string, variableNames: string[], outputShape: number[], code: () => string) {
    this.shaderKey = `layerwise_${name}`;
    this.variableNames = variableNames;
    this.outputShape = outputShape;
    this.getUserCode = code;
    this.dispatch = [Math.ceil(util.sizeFromShape(outputShape) / this.workgroupSize[0]), 1, 1];
  }
}
