// Prints the WebGPU adapter that Deno gets, or null.
import process from "node:process";

const adapter = await navigator.gpu?.requestAdapter();
const info = adapter?.info;
console.log(
  JSON.stringify(info ? info.description || `${info.vendor} ${info.architecture}` : null),
);
process.exit(0);
