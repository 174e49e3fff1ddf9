export * from "./activations/index.ts";
export * from "./compose/index.ts";
export * from "./core/index.ts";
export * from "./initializers/index.ts";
export * from "./linear/index.ts";
export * from "./losses/index.ts";
