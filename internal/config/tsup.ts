import { defineConfig, type Options } from "tsup";

/**
 * Build `src` to ESM; `tsc` emits the types. Every file stays a module of its own: within one bundle a
 * table built at import time holds on to all that it names, between modules `sideEffects: false` lets
 * a user's bundler drop what is not imported.
 */
export const library = (entry: string[] = ["src/**/*.ts"]): Options =>
  defineConfig({
    entry,
    format: ["esm"],
    target: "es2024",
    platform: "neutral",
    external: [/^node:/],
    splitting: true,
    sourcemap: true,
    clean: true,
  }) as Options;
