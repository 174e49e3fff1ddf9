import type { Tensor } from "@tensorflow/tfjs-core";

/** A function of one tensor: element by element, or along the last axis where its text says so. */
export type ActivationFunction = (x: Tensor) => Tensor;

/** A number, or a tensor that broadcasts to the input where it is trained. */
export type Coefficient = number | Tensor;
