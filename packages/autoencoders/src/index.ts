export {
  type Autoencoder,
  type AutoencoderOptions,
  type AutoencoderParams,
  type AutoencoderState,
  type AutoencoderVariables,
  autoencoder,
  type LossOptions,
  type LossResult,
} from "./autoencoder.ts";
export { type Corruption, gaussian, masking } from "./corruption.ts";
export { type Decoder, tied, type UntiedOptions, untied } from "./decoder.ts";
export {
  type BasicAutoencoderOptions,
  basicAutoencoder,
  type DenoisingAutoencoderOptions,
  denoisingAutoencoder,
} from "./factories.ts";
export { bernoulli, type Reconstruction, squaredError } from "./reconstruction.ts";
