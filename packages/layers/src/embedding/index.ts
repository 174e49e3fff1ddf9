export { type EmbeddingOptions, type EmbeddingParams, embedding } from "./embedding.ts";
