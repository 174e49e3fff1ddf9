export * from "./batch/index.ts";
export * from "./core/index.ts";
export * from "./feature/index.ts";
export * from "./group/index.ts";
export * from "./response/index.ts";
export * from "./weight/index.ts";
