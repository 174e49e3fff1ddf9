import "@tensorflow/tfjs-backend-wasm";
import { testOps } from "./ops.ts";

testOps("wasm", () => ({ absolute: 1e-6, relative: 1e-5 }));
