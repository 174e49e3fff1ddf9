import process from "node:process";
import { playwright } from "@vitest/browser-playwright";
import { defaultClientConditions, defaultServerConditions } from "vite";
import type { ViteUserConfig } from "vitest/config";

const { CHROMIUM_PATH, CHROMIUM_ARGS, TEST_DIST } = process.env;

// Tests import packages by name. This condition points the name at `src`; with TEST_DIST set, `exports` points it at `dist`.
const source = TEST_DIST ? [] : ["@layerwise/source"];

// Bundled once, before the first test: a dependency found late reloads the page in mid-run, and a second copy of
// tfjs-core has its own empty kernel registry.
const prebundled = [
  "@tensorflow/tfjs-core",
  "@tensorflow/tfjs-backend-cpu",
  "@tensorflow/tfjs-backend-wasm",
  "@tensorflow/tfjs-backend-webgpu",
  "@tensorflow/tfjs-layers",
  "fast-check",
];

/**
 * The Node and Chromium projects for the tests under `dir`.
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
          exclude: ["**/*.browser.test.ts"],
        },
      },
      {
        extends: true,
        optimizeDeps: { include: prebundled },
        test: {
          name: "layerwise (browser)",
          include: [`${dir}/**/*.test.ts`],
          exclude: ["**/*.node.test.ts"],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            instances: [{ browser: "chromium" }],
            provider: playwright({
              launchOptions: {
                ...(CHROMIUM_PATH && { executablePath: CHROMIUM_PATH }),
                args: [
                  "--no-sandbox",
                  "--enable-unsafe-webgpu",
                  "--disable-background-networking",
                  "--disable-component-update",
                  "--disable-sync",
                  ...(CHROMIUM_ARGS?.split(" ") ?? []),
                ],
              },
            }),
          },
        },
      },
    ],
  },
});
