import { defineConfig, type Options } from "tsup";

/** Bundle `src/index.ts` (and any further entries) to ESM; `tsc` emits the types. */
export const library = (entry: string[] = ["src/index.ts"]): Options =>
  defineConfig({
    entry,
    format: ["esm"],
    target: "es2024",
    platform: "neutral",
    external: [/^node:/],
    sourcemap: true,
    clean: true,
  }) as Options;
