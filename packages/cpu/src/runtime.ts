/** Where each runtime finds the `.wasm` files of tfjs. */

/** A folder that ends in `/`, or the place of each file by its name. */
export type WasmPaths =
  | string
  | {
      readonly "tfjs-backend-wasm.wasm"?: string;
      readonly "tfjs-backend-wasm-simd.wasm"?: string;
      readonly "tfjs-backend-wasm-threaded-simd.wasm"?: string;
    };

/**
 * Returns where the files are, or `undefined` where tfjs finds them by itself: in Node and Deno, in the folder of the
 * module that loads them.
 */
export const defaultWasmPaths = (): WasmPaths | undefined =>
  globalThis.process?.versions?.node === undefined ? bundledFiles() : undefined;

// Bundlers recognise exactly this form, copy the file and put its address here.
const bundledFiles = (): WasmPaths => ({
  "tfjs-backend-wasm.wasm": new URL(
    "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm",
    import.meta.url,
  ).href,
  "tfjs-backend-wasm-simd.wasm": new URL(
    "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm",
    import.meta.url,
  ).href,
  "tfjs-backend-wasm-threaded-simd.wasm": new URL(
    "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm",
    import.meta.url,
  ).href,
});
