// Prints the WebGPU adapter that Node gets from Dawn (npm `webgpu`), or null.
import process from "node:process";
import { create } from "webgpu";

const adapter = await create([]).requestAdapter();
const info = adapter?.info;
console.log(
  JSON.stringify(info ? `${info.vendor} ${info.description || info.architecture}` : null),
);
// Dawn keeps the event loop alive.
process.exit(0);
