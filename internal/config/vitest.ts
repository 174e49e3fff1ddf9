import process from "node:process";
import { prepared } from "@layerwise/runtimes";
import { playwright } from "@vitest/browser-playwright";
import { defaultClientConditions, defaultServerConditions } from "vite";
import type { ViteUserConfig } from "vitest/config";

// Tests import packages by name. This condition points the name at `src`; with TEST_DIST set, `exports` points it at `dist`.
const source = process.env.TEST_DIST ? [] : ["@layerwise/source"];

// Bundled once, before the first test: a dependency found late reloads the page in mid-run, and a second copy of
// tfjs-core has its own empty kernel registry. A CommonJS package that a test imports in the browser belongs here.
const prebundled = [
  "@tensorflow/tfjs-core",
  "@tensorflow/tfjs-backend-cpu",
  "@tensorflow/tfjs-backend-wasm",
  "@tensorflow/tfjs-backend-webgpu",
  "@tensorflow/tfjs-layers",
  "fast-check",
];

// SharedArrayBuffer, hence wasm threads, exists only in isolated pages.
const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

const { env, launch } = await prepared();
// Node and Deno workers are processes started from this one: they inherit the Vulkan driver.
Object.assign(process.env, env);

/**
 * The Node and Chromium projects for the tests under `dir`; Deno runs the Node project.
 *
 * A fresh config on every call: Vitest writes project names into the object it is given.
 * `*.node.test.ts` runs in Node and Deno only, `*.browser.test.ts` in Chromium only, everything else in all three.
 */
export const library = (dir = "test"): ViteUserConfig => ({
  resolve: { conditions: [...source, ...defaultClientConditions], dedupe: prebundled },
  ssr: { resolve: { conditions: [...source, ...defaultServerConditions] } },
  test: {
    passWithNoTests: true,
    testTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: "layerwise (node)",
          include: [`${dir}/**/*.test.ts`],
          exclude: ["**/node_modules/**", "**/*.browser.test.ts"],
        },
      },
      {
        extends: true,
        optimizeDeps: { include: prebundled, noDiscovery: true },
        server: { headers: isolation },
        test: {
          name: "layerwise (browser)",
          include: [`${dir}/**/*.test.ts`],
          exclude: ["**/node_modules/**", "**/*.node.test.ts"],
          // Pages do not inherit the environment; tests decide by it whether a missing adapter fails.
          env: { CI: process.env.CI ?? "" },
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            instances: [{ browser: "chromium" }],
            provider: playwright({ launchOptions: launch }),
          },
        },
      },
    ],
  },
});
