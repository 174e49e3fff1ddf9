export { activation } from "./activation.ts";
export {
  type ActivationFunction,
  type ActivationName,
  activations,
  identity,
  relu,
  sigmoid,
  softmax,
  tanh,
} from "./functions.ts";
