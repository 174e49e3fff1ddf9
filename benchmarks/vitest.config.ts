import { defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";

export default defineConfig({
  ssr: { resolve: { conditions: ["@layerwise/source", ...defaultServerConditions] } },
  test: { benchmark: { include: ["src/**/*.bench.ts"] } },
});
