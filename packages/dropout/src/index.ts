export type { DropoutOptions } from "./dropout.ts";
export { dropout } from "./dropout.ts";
export { gaussianNoise, maskingNoise } from "./noise.ts";
