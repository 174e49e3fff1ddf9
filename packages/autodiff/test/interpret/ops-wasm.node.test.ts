import "@tensorflow/tfjs-backend-wasm";
import { testOps } from "./ops.ts";

// tfjs's ArgMax and ArgMin pass over NaN.
testOps(
  "wasm",
  () => ({ absolute: 1e-6, relative: 1e-5 }),
  (c) => c.op === "arg_reduce" && c.name.endsWith("special values"),
);
